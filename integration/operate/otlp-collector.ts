import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { freePort } from "../rigs/ports.js";

const attributes = z.array(z.strictObject({ key: z.string(), value: z.strictObject({ stringValue: z.string() }) }));
const id = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const span = z.strictObject({
  traceId: id(32),
  spanId: id(16),
  parentSpanId: id(16).optional(),
  flags: z.number(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string().regex(/^\d+$/),
  endTimeUnixNano: z.string().regex(/^\d+$/),
  attributes,
  status: z.strictObject({ code: z.number(), message: z.string() }).optional(),
});
/** ExportTraceServiceRequest in OTLP's JSON form, as far as it is used; anything else in it is refused. */
const request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string(), version: z.string() }), spans: z.array(span) }),
      ),
    }),
  ),
});

/** A span as the collector has it, with whose it is. */
export type CollectedSpan = z.infer<typeof span> & { readonly service: string };

/** A collector that takes OTLP over HTTP, and keeps what it gets. */
export class OtlpCollector implements AsyncDisposable {
  readonly spans: CollectedSpan[] = [];
  /** What could not be read. */
  readonly refused: string[] = [];
  #server: Server | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<OtlpCollector> {
    const collector = new OtlpCollector(await freePort());
    await collector.listen();
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1/traces`;
  }

  /** Takes spans (again). */
  async listen(): Promise<void> {
    const server = createServer(async (asked, answer) => {
      const body = await text(asked);
      answer.writeHead(this.#take(asked.url ?? "", asked.headers["content-type"], body) ? 200 : 400).end("{}");
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen(this.port, "127.0.0.1", () => resolve()),
    );
  }

  /** Is away until `listen`. */
  async leave(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  #take(path: string, type: string | undefined, body: string): boolean {
    const parsed = request.safeParse(JSON.parse(body));
    if (path !== "/v1/traces" || type !== "application/json" || !parsed.success) {
      this.refused.push(`${path} ${type}: ${parsed.error?.message ?? ""}`);
      return false;
    }
    for (const { resource, scopeSpans } of parsed.data.resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
      for (const { spans } of scopeSpans) this.spans.push(...spans.map((one) => ({ ...one, service })));
    }
    return true;
  }
}
