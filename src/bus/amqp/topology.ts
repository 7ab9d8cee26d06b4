/** An exchange as it is declared. */
export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: "topic" | "fanout";
  readonly durable: boolean;
  readonly autoDelete: boolean;
}

/** How a queue hangs on an exchange. */
export interface Binding {
  readonly exchange: ExchangeDeclaration;
  readonly routingKey: string;
}

/** A queue as it is declared. Without bindings it is reached through the default exchange by its name. */
export interface QueueDeclaration {
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly bindings: readonly Binding[];
}
