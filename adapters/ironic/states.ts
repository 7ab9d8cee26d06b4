/** What a node's provision state (Ironic's "Bare Metal State Machine") means for its config drive. */
export type Stage =
  /** Nothing is on the disk: what is stored now, the deploy writes. */
  | "undeployed"
  /** An instance is on the disk; only a rebuild writes another config drive. */
  | "deployed"
  /** A deploy or rebuild is under way. */
  | "deploying"
  /** Something else is under way. */
  | "busy"
  /** It has, or can have, no instance that a drive could be given to. */
  | "unusable";

const STAGES: Readonly<Record<string, Stage>> = {
  available: "undeployed",
  "deploy failed": "undeployed",
  error: "undeployed",
  active: "deployed",
  deploying: "deploying",
  "wait call-back": "deploying",
  "deploy hold": "deploying",
  enroll: "unusable",
  manageable: "unusable",
  "clean failed": "unusable",
  "clean hold": "unusable",
  "inspect failed": "unusable",
  "adopt failed": "unusable",
  rescue: "unusable",
  "rescue failed": "unusable",
  "unrescue failed": "unusable",
  "service failed": "unusable",
  "service hold": "unusable",
};

/** The stage of a state; every state that is not named here is one in which Ironic works on the node. */
export function stageOf(provisionState: string): Stage {
  return STAGES[provisionState] ?? "busy";
}

/** States that leave the disk as the deploy wrote it. */
const KEEPING = new Set(["active", "rescue", "rescue failed", "unrescue failed", "service failed", "service hold"]);

/** Whether it is known what the node's disk holds, or gets: not while it is written or cleaned. */
export function settled(provisionState: string): boolean {
  return stageOf(provisionState) === "undeployed" || KEEPING.has(provisionState);
}

/** What would make a drive possible there, for people. */
export function wayOut(provisionState: string): string {
  if (provisionState === "rescue") return "unrescue the node first";
  if (stageOf(provisionState) === "busy") return "wait until the node is available or active";
  return "make the node available, or active";
}
