import { inspect } from "node:util";
import { connectionProblem } from "./connection-problem.js";
import { mariadbSettings } from "./mariadb/settings.js";
import { postgresqlSettings } from "./postgresql/settings.js";
import { parseServerUrl } from "./server-url.js";

test.each([
  ["postgresql://u:p@db/configdrive", "postgresql", "db", undefined, "configdrive"],
  ["postgresql+psycopg2://u:p@db:5433/configdrive", "postgresql", "db", 5433, "configdrive"],
  ["mysql+pymysql://u:p@10.0.0.1/cd?charset=utf8", "mariadb", "10.0.0.1", undefined, "cd"],
  ["mariadb://u:p@[2001:db8::1]:3307/cd", "mariadb", "2001:db8::1", 3307, "cd"],
  ["mysql://u@/cd?unix_socket=/run/mysqld/mysqld.sock", "mariadb", "localhost", undefined, "cd"],
])("%s names a server", (url, kind, host, port, database) => {
  expect(parseServerUrl(url)).toMatchObject({ kind, host, port, database });
  expect(connectionProblem(url)).toBeUndefined();
});

test("user and password are percent-encoded, and the password is shown nowhere", () => {
  const address = parseServerUrl("postgresql://us%40er:p%40ss%2Fw%3A%25%2B+@db/cd");
  expect([address?.user, address?.revealPassword()]).toEqual(["us@er", "p@ss/w:%++"]);
  for (const shown of [String(address), JSON.stringify(address), inspect(address)]) expect(shown).not.toContain("p@ss");
});

test.each([
  ["postgresql://u:hunter2@x@db/cd", "@ %40"],
  ["postgresql://u:hunter2/x@db/cd", "/ is written %2F"],
  ["postgresql://u:hunter2%@db/cd", "a % itself is written %25"],
  ["postgresql://u:hunter2@db", "host:port/database"],
  ["postgresql://u:hunter2@db/", "host:port/database"],
  ["postgresql://db/cd", "names no user"],
  ["postgresql://u:hunter2@db:0/cd", "from 1 to 65535"],
  ["postgresql://u:hunter2@a,b/cd", "host:port/database"],
  ["postgresql://u:hunter2@/cd?host=a,b", "one server"],
  ["postgresql://u:hunter2@db/cd?sslmode=prefer", "disable, require, verify-ca or verify-full"],
  ["postgresql://u:hunter2@db/cd?sslrootcert=/no/such/file", "sslrootcert: the file cannot be read (ENOENT)"],
  ["postgresql://u:hunter2@db/cd?client_encoding=latin1", "must be utf8"],
  ["postgresql://u:hunter2@db/cd?target_session_attrs=any", "target_session_attrs is not known for postgresql"],
  ["mysql://u:hunter2@db/cd?charset=latin1", "must be utf8mb4"],
  ["mysql://u:hunter2@db/cd?sslmode=require", "sslmode is not known for mariadb"],
  ["mysql://u:hunter2@db/cd?ssl_verify_cert=perhaps", "must be true or false"],
  ["mysql://u:hunter2@10.0.0.7/cd?ssl_verify_identity=true", "needs the server's host name, not its address"],
  ["mysql://u:hunter2@[fd00::7]/cd?ssl_verify_identity=true", "needs the server's host name, not its address"],
  ["mysql://u:hunter2@db/cd?charset=utf8&charset=utf8", "twice"],
  ["sqlite:///relative", "four slashes"],
  ["oracle://u:hunter2@db/cd", "must be sqlite:"],
])("%s is refused", (url, says) => {
  expect(connectionProblem(url)).toContain(says);
  expect(connectionProblem(url)).not.toContain("hunter2");
});

test("TLS is as the options ask for it", () => {
  const postgresql = (query: string) => postgresqlSettings(parseServerUrl(`postgresql://u:p@db/cd${query}`)!).ssl;
  expect(postgresql("")).toBe(false);
  expect(postgresql("?sslmode=require")).toMatchObject({ rejectUnauthorized: false });
  expect(postgresql("?sslmode=verify-full")).toEqual({ rejectUnauthorized: true });
  const mariadb = (query: string) => mariadbSettings(parseServerUrl(`mysql://u:p@db/cd${query}`)!).ssl;
  expect(mariadb("")).toBeUndefined();
  expect(mariadb("?ssl_verify_identity=true")).toMatchObject({ rejectUnauthorized: true, verifyIdentity: true });
  expect(mariadb("?ssl_verify_identity=true&ssl_disabled=1")).toBeUndefined();
});
