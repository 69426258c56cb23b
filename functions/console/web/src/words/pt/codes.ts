import type { Code } from "../../api/problem.ts";
import type { Next } from "../next.ts";

/** The next step for every code of the API. A code without an entry does not compile. */
export const codes: Record<Code, Next> = {
  payload_empty: {
    short: "Corpo vazio",
    next: "O remetente mandou um corpo vazio. Confira nele o que ele envia.",
  },
  payload_unparseable: {
    short: "Corpo ilegível",
    next: "Veja o corpo original: o formato não é o que o tipo de conteúdo diz.",
  },
  payload_missing: {
    short: "Corpo perdido",
    next: "O corpo guardado se perdeu. Peça ao remetente que mande de novo.",
  },
  checksum_mismatch: {
    short: "Corpo danificado",
    next: "O corpo guardado não confere com o que chegou. Peça ao remetente que mande de novo.",
  },
  too_many_nodes: {
    short: "Valores demais",
    next: "O corpo tem valores demais para o mapeamento. Peça um corpo menor.",
  },
  decompress_limit: {
    short: "Grande demais aberto",
    next: "Descompactado, o corpo passa do limite. Peça um corpo menor.",
  },
  unsupported_encoding: {
    short: "Compressão desconhecida",
    next: "Peça ao remetente gzip, deflate, br ou nenhum content-encoding.",
  },
  form_invalid: {
    short: "Formulário inválido",
    next: "Veja o corpo original: o formulário está malformado.",
  },
  mapping_failed: {
    short: "Mapeamento falhou",
    next: "Corrija o campo no mapeamento e reprocesse.",
    action: "mapping",
    button: "Abrir o mapeamento neste campo",
  },
  mapping_too_costly: {
    short: "Mapeamento caro demais",
    next: "Troque os caminhos que procuram em toda parte por caminhos exatos.",
    action: "mapping",
    button: "Abrir o mapeamento",
  },
  condition_too_costly: {
    short: "Condição cara demais",
    next: "Simplifique a condição da integração e reprocesse.",
    action: "mapping",
    button: "Abrir o mapeamento",
  },
  integration_inactive: {
    short: "Integração inativa",
    next: "A integração estava inativa. Ative-a e reprocesse.",
    action: "activate",
    button: "Ativar a integração",
  },
  integration_deleted: {
    short: "Integração excluída",
    next: "A integração foi excluída: este webhook não pode mais ser processado.",
  },
  no_matching_deal: {
    short: "Nenhum negócio",
    next: "O contato não tem negócio nesta origem. Crie um, ou mude a ação da integração, e reprocesse.",
    action: "contact",
    button: "Ver o contato",
  },
  no_matching_contact: {
    short: "Nenhum contato",
    next: "Nenhum contato tem este e-mail ou telefone. Mude a ação da integração, ou reprocesse depois.",
    action: "reprocess",
    button: "Reprocessar",
  },
  contact_exists: {
    short: "Contato já existe",
    next: "A ação só cria contatos e este já existe. Mude a ação para criar ou atualizar.",
    action: "mapping",
    button: "Abrir a integração",
  },
  contact_required: {
    short: "Sem e-mail nem telefone",
    next: "Mapeie um e-mail ou um telefone: o contato é encontrado por eles.",
    action: "mapping",
    button: "Abrir o mapeamento",
  },
  processing_failed: {
    short: "Processamento falhou",
    next: "Foi uma falha do Gancho, não do webhook. Reprocesse.",
    action: "reprocess",
    button: "Reprocessar",
  },
  deal_too_large: {
    short: "Negócio grande demais",
    next: "Mapeie menos campos ou textos menores.",
    action: "mapping",
    button: "Abrir o mapeamento",
  },
  field_skipped: {
    short: "Campo pulado",
    next: "O valor não serve para o campo, que ficou como estava. O resto foi gravado.",
    action: "mapping",
    button: "Abrir o mapeamento neste campo",
  },
  field_outdated: {
    short: "Campo mais antigo",
    next: "O campo já tinha um valor de um momento mais novo, e ficou com ele.",
  },
  source_time_ignored: {
    short: "Horário ignorado",
    next: "O horário do remetente não pôde ser lido. Confira o caminho dele no mapeamento.",
    action: "mapping",
    button: "Abrir o mapeamento",
  },
  not_for_this_integration: {
    short: "Não é para esta integração",
    next: "O corpo não atende à condição da integração. Não há nada a fazer.",
  },
  text_unreadable: {
    short: "Texto ilegível",
    next: "Veja o corpo original, ou corrija no mapeamento o lugar que é lido.",
    action: "mapping",
    button: "Abrir o mapeamento",
  },
  duplicate_key: {
    short: "Chave repetida",
    next: "O corpo tem a mesma chave mais de uma vez; a última valeu.",
  },
  id_reuse: {
    short: "Id reutilizado",
    next: "O remetente usou o mesmo id com outro corpo. Este foi processado à parte.",
  },
  contact_conflict: {
    short: "Contatos diferentes",
    next: "O e-mail é de um contato e o telefone de outro; o e-mail valeu.",
    action: "contact",
    button: "Ver o contato",
  },
  payload_repaired: {
    short: "Corpo consertado",
    next: "O corpo tinha caracteres inválidos, que foram trocados.",
  },
  unknown_ingest_url: {
    short: "URL desconhecida",
    next: "Copie de novo a URL da integração para o remetente.",
  },
  path_after_token: {
    short: "Caminho depois da URL",
    next: "No remetente, use a URL sem nada depois dela.",
  },
  method_not_allowed: {
    short: "Método não aceito",
    next: "Permita o método na integração, ou mude-o no remetente.",
    action: "settings",
    button: "Abrir a integração",
  },
  ip_not_allowed: {
    short: "Endereço não permitido",
    next: "Acrescente o endereço aos permitidos, se for do remetente.",
    action: "verification",
    button: "Ver a verificação",
  },
  signature_missing: {
    short: "Sem assinatura",
    next: "O remetente não assinou. Ligue a assinatura nele.",
    action: "verification",
    button: "Ver a verificação",
  },
  signature_invalid: {
    short: "Assinatura inválida",
    next: "O segredo daqui e o do remetente são diferentes.",
    action: "verification",
    button: "Ver a verificação",
  },
  timestamp_out_of_tolerance: {
    short: "Horário fora do limite",
    next: "O relógio do remetente está errado, ou o pedido foi repetido tarde demais.",
  },
  token_invalid: {
    short: "Token inválido",
    next: "O token daqui e o do remetente são diferentes.",
    action: "verification",
    button: "Ver a verificação",
  },
  credentials_invalid: {
    short: "Credenciais inválidas",
    next: "Confira o usuário e a senha, ou a chave.",
  },
  handshake_invalid: {
    short: "Aperto de mão inválido",
    next: "Comece de novo a confirmação no remetente.",
  },
  verify_token_invalid: {
    short: "Token de verificação inválido",
    next: "Copie o token de verificação daqui para o remetente.",
    action: "verification",
    button: "Ver a verificação",
  },
  workspace_suspended: {
    short: "Espaço suspenso",
    next: "O espaço de trabalho está suspenso. Fale com quem administra a implantação.",
  },
  payload_too_large: { short: "Corpo grande demais", next: "Peça ao remetente um corpo menor." },
  storage_unavailable: {
    short: "Sem armazenamento",
    next: "Tente de novo em instantes.",
    action: "retry",
    button: "Tentar de novo",
  },
  bad_request: {
    short: "Pedido inválido",
    next: "O pedido não pôde ser lido. Recarregue a página e tente de novo.",
  },
  validation_error: { short: "Valor inválido", next: "Corrija o campo indicado." },
  weak_secret: { short: "Segredo fraco", next: "Use um segredo mais longo, ou gere um." },
  invalid_jsonpath: {
    short: "Caminho inválido",
    next: "Corrija o caminho, ou escolha um valor no exemplo.",
  },
  invalid_mapping: {
    short: "Mapeamento inválido",
    next: "Corrija o campo indicado do mapeamento.",
  },
  forbidden: { short: "Sem permissão", next: "Peça a quem administra um papel que permita isto." },
  not_found: {
    short: "Não encontrado",
    next: "Pode ser de outro espaço, ter sido excluído ou ter passado da retenção.",
  },
  conflict: {
    short: "Mudou enquanto isso",
    next: "Outra pessoa mudou isto agora mesmo. Veja o que está lá e decida.",
    action: "refresh",
    button: "Ver o atual",
  },
  has_dependents: { short: "Ainda em uso", next: "Tire antes o que depende disto." },
  limit_reached: { short: "Limite atingido", next: "Exclua algum que não usa mais." },
  idempotency_mismatch: {
    short: "Pedido repetido diferente",
    next: "Feche e abra de novo, e repita.",
  },
  idempotency_in_progress: {
    short: "Pedido em andamento",
    next: "O mesmo pedido ainda está sendo feito. Espere um instante.",
    action: "retry",
    button: "Tentar de novo",
  },
  bad_cursor: { short: "Página inválida", next: "A lista recomeça da primeira página." },
  bad_period: {
    short: "Período inválido",
    next: "O fim vem antes do começo, ou a data não existe. Escolha outro período.",
  },
  reprocess_in_progress: {
    short: "Já em processamento",
    next: "Espere o processamento que está em andamento.",
  },
  job_ended: { short: "Trabalho terminado", next: "O trabalho já tinha terminado." },
  url_not_allowed: {
    short: "URL não permitida",
    next: "Use https, um nome público e a porta 443, 80 ou 8443.",
    action: "change_url",
    button: "Trocar a URL",
  },
  target_ip_forbidden: {
    short: "Destino proibido",
    next: "O nome aponta para um endereço interno. Use um endereço público.",
    action: "change_url",
    button: "Trocar a URL",
  },
  header_not_allowed: {
    short: "Cabeçalho não permitido",
    next: "O Gancho ou o HTTP já define este cabeçalho. Tire-o.",
  },
  endpoint_disabled: { short: "Endpoint desativado", next: "Habilite o endpoint para enviar." },
  endpoint_active: {
    short: "Endpoint ativo",
    next: "Desative o endpoint para mudar a ordem ou os limites.",
    action: "disable_endpoint",
    button: "Desativar o endpoint",
  },
  no_event_for_subject: {
    short: "Sem evento guardado",
    next: "Não há evento guardado deste pedido. Publique um.",
    action: "publish",
    button: "Publicar evento",
  },
  no_matching_rule: {
    short: "Nenhuma regra",
    next: "Nenhuma regra ativa leva este evento. Crie ou ative uma.",
  },
  event_expired: {
    short: "Evento expirado",
    next: "O evento passou da retenção. Publique-o de novo.",
    action: "publish",
    button: "Publicar evento",
  },
  delivery_ended: {
    short: "Disparo terminado",
    next: "O disparo já terminou. Reenvie para mandar de novo.",
    action: "resend",
    button: "Reenviar",
  },
  attempt_in_progress: {
    short: "Tentativa em andamento",
    next: "Espere a tentativa que está em andamento.",
  },
  endpoint_deleted: {
    short: "Endpoint excluído",
    next: "O endpoint foi excluído. Mande por outra regra.",
  },
  rule_deleted: { short: "Regra excluída", next: "A regra foi excluída. Mande por outra regra." },
  loop_detected: {
    short: "Volta demais",
    next: "Regras e integrações se chamaram em círculo. Desfaça o círculo.",
  },
  event_too_large: {
    short: "Evento grande demais",
    next: "Os dados passam de 256 KB. Mande menos campos.",
  },
  internal_error: {
    short: "Falha interna",
    next: "A falha foi registrada. Tente de novo.",
    action: "retry",
    button: "Tentar de novo",
  },
  session_ended: {
    short: "Sessão terminada",
    next: "Entre de novo. O que você digitou continua aqui.",
  },
  too_many_tries: {
    short: "Tentativas demais",
    next: "Espere um minuto e tente de novo.",
    action: "retry",
    button: "Tentar de novo",
  },
  not_from_console: {
    short: "Pedido de fora do console",
    next: "Recarregue a página e tente de novo.",
  },
};
