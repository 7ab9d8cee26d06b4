import { remembered } from "./remembered.js";

it("works a name out once, and any name rightly, though it keeps so many only", () => {
  const asked: string[] = [];
  const length = remembered((name) => {
    asked.push(name);
    return name.length;
  });
  const names = Array.from({ length: 3000 }, (_, i) => "x".repeat(i));
  for (let pass = 0; pass < 2; pass += 1) expect(names.map(length)).toEqual(names.map((name) => name.length));
  expect(asked.filter((name) => name === "x")).toHaveLength(1);
  expect(asked).toHaveLength(5000);
});
