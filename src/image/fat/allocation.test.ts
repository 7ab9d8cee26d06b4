import { allocationTable } from "./allocation.js";

it.each([
  [12, "f8ffff" + "03f0ff" + "ff6f00" + "ff0f"],
  [16, "f8ffffff" + "0300ffff" + "ffff" + "0600ffff"],
  [32, "f8ffff0fffffff0f" + "03000000ffffff0f" + "ffffff0f" + "06000000ffffff0f"],
] as const)("FAT%d: media, clean, then chains of 2, 1 and 2 clusters", (type, bytes) => {
  expect(Buffer.from(allocationTable(type, [2, 1, 2])).toString("hex")).toBe(bytes);
});
