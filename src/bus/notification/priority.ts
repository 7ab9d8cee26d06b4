/** The priorities of notifications, as they stand in a message; queues and routing keys have them in lower case (wire §12). */
export const priorities = ["AUDIT", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL", "SAMPLE"] as const;

export type Priority = (typeof priorities)[number];

/** Routing key, and name of the queue that collects what nobody listens to. */
export function notificationKey(topic: string, priority: Priority): string {
  return `${topic}.${priority.toLowerCase()}`;
}

/** Whether a text is one of the priorities, in either case. */
export function readPriority(text: string): Priority | undefined {
  return priorities.find((priority) => priority === text.toUpperCase());
}
