import type { ScriptStep } from "./script.js";

/** What the model expects of a drive. */
export interface ModelDrive {
  /** The content of the newest generation. */
  pending: number;
  /** Its number: one a populate, however often that was tried. */
  generation: number;
  /** The content that the instance sees. */
  shown: number | undefined;
  instance: string | undefined;
  /** The instance that had it last. */
  last: string | undefined;
  gone: boolean;
}

/** What a call answers: `ok`, or the reason of a refusal. */
export type Answer = string;

/** The service in a few lines: what each call of a script answers, and how the drives are after it. Nothing ever fails here. */
export class Model {
  readonly drives: ModelDrive[] = [];

  copy(): Model {
    const copy = new Model();
    copy.drives.push(...this.drives.map((drive) => ({ ...drive })));
    return copy;
  }

  apply(step: ScriptStep): Answer {
    if (step.call === "populate" && step.drive === undefined) {
      this.drives.push({
        pending: step.content,
        generation: 1,
        shown: undefined,
        instance: undefined,
        last: undefined,
        gone: false,
      });
      return "ok";
    }
    if (step.call === "release") {
      // Every drive of a script is ephemeral: those that the instance had last go, detached or not.
      for (const one of this.drives) if (one.last === step.instance) Object.assign(one, { gone: true });
      return "ok";
    }
    const drive = this.drives[step.drive ?? 0];
    if (drive === undefined || drive.gone) return step.call === "delete" ? "ok" : "DRIVE_NOT_FOUND";
    switch (step.call) {
      case "populate":
        if (drive.instance !== undefined && step.whenAttached === "refuse") return "DRIVE_ATTACHED";
        drive.pending = step.content;
        drive.generation += 1;
        if (drive.instance !== undefined && step.whenAttached === "refresh") drive.shown = step.content;
        return "ok";
      case "attach":
        if (drive.instance !== undefined && drive.instance !== step.instance) return "ATTACHED_ELSEWHERE";
        if (drive.instance === undefined) drive.shown = drive.pending;
        drive.instance = step.instance;
        drive.last = step.instance;
        return "ok";
      case "detach":
        if (drive.instance !== undefined && drive.instance !== step.instance) return "NOT_ATTACHED";
        drive.instance = undefined;
        drive.shown = undefined;
        return "ok";
      case "refresh":
        if (drive.instance === undefined) return "NOT_ATTACHED";
        drive.shown = drive.pending;
        return "ok";
      case "delete":
        if (drive.instance !== undefined) return "DRIVE_ATTACHED";
        drive.gone = true;
        return "ok";
    }
  }
}
