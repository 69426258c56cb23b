// `node support/seed-host.ts BASE KEY INBOX`: fills a workspace of a running host, to look at screens.
import { Api } from "./api.ts";
import { seedInbound, seedOutbound } from "./seed.ts";

const [base, key, inbox] = process.argv.slice(2);
if (!base || !key || !inbox) throw new Error("usage: node support/seed-host.ts BASE KEY INBOX");
const api = new Api({ base, key });
await seedInbound(api);
await seedOutbound(api, inbox);
