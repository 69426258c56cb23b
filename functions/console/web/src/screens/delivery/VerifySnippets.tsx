import { Copy } from "../../ui/Copy.tsx";
import { SectionTitle } from "../../ui/SectionTitle.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Delivery.module.css";

const BODY = [
  {
    name: "Python",
    text: `from standardwebhooks import Webhook                       # pip install standardwebhooks
event = Webhook("whsec_...").verify(raw_body, headers)     # raises if the signature does not match`,
  },
  {
    name: "JavaScript",
    text: `import { Webhook } from "standardwebhooks";                // npm install standardwebhooks
const event = new Webhook("whsec_...").verify(rawBody, headers);`,
  },
  {
    name: "Rust",
    text: `fn verify(secret: &str, body: &[u8], headers: &HeaderMap) -> Result<(), WebhookError> {
    Webhook::new(secret)?.verify(body, headers)
}`,
  },
];

// A GET signs its query; the libraries of the two languages read what was signed as JSON and refuse it.
const QUERY = [
  {
    name: "Python",
    text: `import base64, hashlib, hmac, time

def verify_get(secret, query, headers):
    stamp = headers["webhook-timestamp"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{stamp}.{query}".encode()
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    signatures = headers["webhook-signature"].encode().split()
    return abs(time.time() - int(stamp)) < 300 and any(hmac.compare_digest(expected, one) for one in signatures)`,
  },
  {
    name: "JavaScript",
    text: `import { createHmac, timingSafeEqual } from "node:crypto";

function verifyGet(secret, query, headers) {
  const stamp = headers["webhook-timestamp"];
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const hmac = createHmac("sha256", key).update(\`\${headers["webhook-id"]}.\${stamp}.\${query}\`);
  const expected = Buffer.from("v1," + hmac.digest("base64"));
  const same = (one) => one.length === expected.length && timingSafeEqual(one, expected);
  const signatures = headers["webhook-signature"].split(" ").map((text) => Buffer.from(text));
  return Math.abs(Date.now() / 1000 - Number(stamp)) < 300 && signatures.some(same);
}`,
  },
];

/** The snippets of the documentation that verify a request, of a body or of the query of a GET. */
export function VerifySnippets({ get }: { get: boolean }) {
  const words = useWords().deliveries.detail.verify;
  return (
    <div className={styles.stack}>
      <p>{words.text}</p>
      {(get ? QUERY : BODY).map(({ name, text }) => (
        <section key={name} className={styles.snippet}>
          <div className={styles.snippetHead}>
            <SectionTitle>{name}</SectionTitle>
            <Copy text={text} />
          </div>
          <pre>{text}</pre>
        </section>
      ))}
      <p className={styles.muted}>{words.secret}</p>
    </div>
  );
}
