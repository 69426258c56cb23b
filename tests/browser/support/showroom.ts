import { type Api, items, type Row } from "./api.ts";
import { type Inbound, type Outbound, seedInbound, seedOutbound } from "./seed.ts";

/** A workspace in which every screen has something to show. */
export type Showroom = {
  ws: string;
  inbound: Inbound;
  outbound: Outbound;
  /** A webhook that failed, ran again and failed again. */
  failed: Row;
  /** Deliveries by what became of them. */
  delivered: Row;
  retrying: Row;
  held: Row;
  job: Row;
  /** An integration that is being made. */
  unfinished: Row;
};

const SHAPE = { webhooks: 32, events: 6 };

/** Fills a workspace. */
export async function furnish(api: Api, ws: string, inbox: string): Promise<Showroom> {
  const [inbound, outbound] = await Promise.all([
    seedInbound(api, SHAPE.webhooks),
    seedOutbound(api, inbox, SHAPE.events),
  ]);
  const { origin, form, store } = inbound;
  const [failed, unfinished, job] = await Promise.all([
    runAgain(api, origin, form),
    api.post("/v1/integrations", {
      origin,
      application: "github",
      name: "Repositórios",
      active: false,
    }),
    finishedJob(api, origin, store),
  ]);
  await refuse(api, store);
  const first = async (query: string) => {
    const path = `/v1/deliveries?limit=1&${query}`;
    const [row] = items(await api.until(path, (page) => items(page).length > 0));
    if (!row) throw new Error(`no delivery with ${query}`);
    return row;
  };
  return {
    ws,
    inbound,
    outbound,
    failed,
    unfinished,
    job,
    delivered: await first("state=success&subject=PED-3"),
    // Those of the endpoint that is being suspended retry for a moment, too.
    retrying: await first(`state=retrying&endpoint=${outbound.slow.id}`),
    held: await first("state=held"),
  };
}

async function runAgain(api: Api, origin: string, form: Row): Promise<Row> {
  const path = `/v1/origins/${origin}/webhooks`;
  const [failed] = items(await api.get(`${path}?status=error&integration=${form.id}&limit=1`));
  if (!failed) throw new Error("no webhook failed");
  // The field that is renamed is not the one that is missing: it fails again, with the second version.
  const { mapping } = (await api.get(`/v1/integrations/${form.id}`)) as unknown as {
    mapping: { fields: object[] };
  };
  await api.patch(`/v1/integrations/${form.id}`, {
    mapping: {
      ...mapping,
      fields: [
        ...mapping.fields,
        { target: "deal.value", path: "$.valor", transforms: [{ type: "number", format: "br" }] },
      ],
    },
  });
  await api.post(`${path}/${failed.id}/reprocess`, {});
  return api.until(`${path}/${failed.id}`, ({ runs }) => Array.isArray(runs) && runs.length === 2);
}

async function finishedJob(api: Api, origin: string, integration: Row): Promise<Row> {
  const { id } = await api.post(`/v1/origins/${origin}/reprocess`, {
    filter: { integration: [integration.id] },
  });
  return api.until(`/v1/jobs/${id}`, ({ state }) => state === "done");
}

/** A request that is refused, for the list of them: the application sends JSON objects by POST only. */
async function refuse(api: Api, integration: Row): Promise<void> {
  const { url } = await api.get(`/v1/integrations/${integration.id}/url`);
  await fetch(String(url), { method: "PUT", body: "nada" });
}
