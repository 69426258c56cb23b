import { useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api/configuration.ts";
import { whole } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import type { Mapping } from "../../lib/mappingDraft.ts";
import { compare, inParallel, type Rehearsed } from "../../lib/rehearse.ts";
import type { Integration } from "../integration/useChange.ts";
import { askPreview } from "../mapping/usePreview.ts";

export type Webhook = Schemas["Webhook"];

export interface Row extends Rehearsed {
  readonly webhook: Webhook;
}

export interface Rehearsal {
  readonly rows: readonly Row[];
  readonly of: number;
  readonly isRunning: boolean;
  readonly error: unknown;
}

const TOGETHER = 8;
const PAGE = 100;

export type Status = Schemas["Status"];

/** Runs the saved and the proposed mapping over what came, and collects how they differ. */
export function useRehearsal(integration: Integration, proposed: Mapping) {
  const client = useClient();
  const [state, setState] = useState<Rehearsal>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  async function newest(many: number, status: Status | undefined, signal: AbortSignal) {
    let read = 0;
    const items = await whole<Webhook>(async (cursor) => {
      const page = await client.get("/v1/origins/{origin}/webhooks", {
        path: { origin: integration.origin },
        query: {
          integration: [integration.id],
          limit: Math.min(PAGE, many),
          ...(status ? { status: [status] } : {}),
          ...(cursor === undefined ? {} : { cursor }),
        },
        signal,
      });
      read += page.items.length;
      return { items: page.items, next: read >= many ? null : page.next };
    });
    return items.slice(0, many);
  }

  async function one(webhook: Webhook, signal: AbortSignal): Promise<Row> {
    const ask = (mapping: Mapping) =>
      askPreview(client, integration.id, { webhook: webhook.id, mapping }, signal).catch(
        () => undefined,
      );
    const [before, after] = await Promise.all([ask(integration.mapping), ask(proposed)]);
    return { ...compare(before, after), webhook };
  }

  async function start(many: number, status: Status | undefined): Promise<void> {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    setState({ rows: [], of: 0, isRunning: true, error: null });
    const change = (to: (old: Rehearsal) => Rehearsal) => {
      if (running.current === stop) setState((old) => (old === undefined ? old : to(old)));
    };
    try {
      const webhooks = await newest(many, status, stop.signal);
      change((old) => ({ ...old, of: webhooks.length }));
      // Each webhook asks twice: half as many of them keep the number of requests at eight.
      await inParallel(
        webhooks,
        TOGETHER / 2,
        (webhook) => one(webhook, stop.signal),
        (_, row) => change((old) => ({ ...old, rows: [...old.rows, row] })),
        stop.signal,
      );
      change((old) => ({ ...old, isRunning: false }));
    } catch (error) {
      if (!stop.signal.aborted) change((old) => ({ ...old, isRunning: false, error }));
    }
  }
  function stop() {
    running.current?.abort();
    setState((old) => old && { ...old, isRunning: false });
  }
  return { state, start, stop };
}
