import { appliedGeneration, type Drive, driveState, pendingGeneration } from "./drive.js";

const at = new Date(0);
const generation = (number: number, state: "BUILDING" | "READY" | "FAILED") =>
  ({
    number,
    state,
    format: "iso9660",
    label: "config-2",
    sizeBytes: 0,
    sha256: "",
    createdAt: at,
    failureReason: "",
  }) as const;
const empty: Drive = {
  id: "d",
  projectId: "p",
  deleteOnTermination: true,
  writable: false,
  deleting: false,
  lastInstanceId: "",
  revision: 0,
  generations: [],
  attachments: [],
  createdAt: at,
  updatedAt: at,
};

test("the pending generation is the newest that is ready", () => {
  const drive = { ...empty, generations: [generation(1, "READY"), generation(2, "READY"), generation(3, "FAILED")] };
  expect(pendingGeneration(drive)?.number).toBe(2);
  expect(driveState(drive)).toBe("AVAILABLE");
});

test("a drive whose only generation failed is failed, and no guest sees it", () => {
  const drive = { ...empty, generations: [generation(1, "FAILED")] };
  expect(driveState(drive)).toBe("FAILED");
  expect(appliedGeneration(drive)).toBe(0);
});
