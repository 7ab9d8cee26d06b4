// Fails when package-lock.json lacks a package that another one has for some platform. npm writes such a lock file when the
// registry it asks does not offer every platform's package, and `npm ci` then refuses it wherever the registry does.
import { readFileSync } from "node:fs";

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { packages: Record<string, Locked> } = JSON.parse(readFileSync("package-lock.json", "utf8"));

const missing = Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {} }]) =>
  Object.entries(optionalDependencies)
    .filter(
      ([name]) => !(`node_modules/${name}` in lock.packages) && !(`${place}/node_modules/${name}` in lock.packages),
    )
    .map(([name, version]) => `${name}@${version}, wanted by ${place}`),
);
if (missing.length > 0) {
  console.error(`package-lock.json lacks:\n  ${missing.join("\n  ")}`);
  process.exit(1);
}
