/** A RabbitMQ node of a suite's own, and what can be done to it: a process of this machine (`RabbitMq`) or a container (`RabbitMqContainer`). */
export interface Broker {
  /** Where AMQP listens, as this machine reaches it. The same after every restart. */
  readonly port: number;
  /** `rabbit://…` for oslo.messaging's `transport_url`, virtual host `/`. */
  readonly transportUrl: string;
  /** Runs rabbitmqctl against the node and gives what it printed; throws with its error output when it fails. */
  rabbitmqctl(...args: string[]): Promise<string>;
  /** Ends the node in good order and starts it again with its data. */
  restart(): Promise<void>;
  /** Ends the node without a word, as a power cut would; its data stays for `start`. */
  kill(): Promise<void>;
  /** Starts the node after `kill`; ends when it accepts connections. */
  start(): Promise<void>;
  /** Stops the node where it stands: its peers hear nothing until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}
