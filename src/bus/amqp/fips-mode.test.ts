import { getFips, setFips } from "node:crypto";
import { createSecureContext } from "node:tls";
import { readRabbitOptions } from "../wire/options.js";
import { tlsSettings } from "./tls-settings.js";

afterEach(() => setFips(false));

test("ssl_enforce_fips_mode is on afterwards, or refused by name where OpenSSL has no FIPS provider; TLS works either way", () => {
  const { values } = readRabbitOptions({ ssl: "true", ssl_enforce_fips_mode: "true" });
  let refusal: unknown;
  try {
    tlsSettings(values);
  } catch (error) {
    refusal = error;
  }
  if (getFips() === 1) expect(refusal).toBeUndefined();
  else expect(String(refusal)).toMatch(/ssl_enforce_fips_mode: .*no FIPS provider/);
  expect(() => createSecureContext()).not.toThrow();
});
