import type { Setting } from "./setting.js";

const BEFORE = [
  ["threads of the system", ""],
  ["eventlet's", "import eventlet; eventlet.monkey_patch(); "],
] as const;

/** The plugin's unit tests (nova-plugin/tests), where nova's libraries are. */
export function pluginsOwnTests(setting: () => Setting): void {
  test.each(BEFORE)(
    "the plugin's own tests pass on this nova's Python, with %s",
    async (_, before) => {
      const { cloud, host } = setting();
      const program = `${before}import unittest; unittest.main(module=None, argv="x discover -s tests -t .".split())`;
      const script = 'cd /opt/nova-plugin && PYTHONDONTWRITEBYTECODE=1 python3 -c "$0" 2>&1';
      expect(await cloud.run(host, "sh", "-c", script, program)).toMatch(/Ran [1-9]\d* tests in .*\s+OK/);
    },
    120_000,
  );
}
