import { withoutValues } from "./template-refusal.js";

test("values go from a message, the longest first, and what is too short to be one stays", () => {
  expect(withoutValues("open '/secret/path': no /secret, id s0", ["/secret", "/secret/path", "s0"])).toBe(
    "open '…': no …, id s0",
  );
});
