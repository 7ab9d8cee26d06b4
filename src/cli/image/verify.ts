import type { Command } from "commander";
import { openImageFile } from "#image/input/file.js";
import type { Fault } from "#image/verify/fault.js";
import { verify } from "#image/verify/verify.js";

function faultLine(image: string, fault: Fault): string {
  const place = `${fault.structure}, byte ${fault.offset}`;
  return `${image}: ${fault.severity}: ${place}: ${fault.message} (${fault.clause})`;
}

/** `configdrive verify IMAGE…`: every structural fault that the standards name, a line a fault; exit 1 if there is an error. */
export function registerVerify(program: Command): void {
  program
    .command("verify")
    .description("find structural faults of iso9660 and vfat images, a line a fault (exit 1 if there is an error)")
    .argument("<image...>", "image files or block devices")
    .option("--json", "print one JSON document: for each image, its faults")
    .action((images: string[], options: { json?: boolean }) => {
      const found: Record<string, readonly Fault[]> = {};
      for (const image of images) {
        using input = openImageFile(image, { followLinks: true });
        const faults = verify(input);
        found[image] = faults;
        if (faults.some((fault) => fault.severity === "error")) process.exitCode = 1;
        if (options.json === true) continue;
        for (const fault of faults) process.stdout.write(`${faultLine(image, fault)}\n`);
        if (faults.length === 0) process.stdout.write(`${image}: no faults\n`);
      }
      if (options.json === true) process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
    });
}
