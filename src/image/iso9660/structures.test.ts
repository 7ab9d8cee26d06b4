import { Structures } from "./structures.js";

it("gives each structure sectors of its own, and no zeros behind it in memory", () => {
  const structures = new Structures();
  const places = [2048, 4096, 100, 2049, 1].map((length) => structures.take(length));
  expect(places.map(({ sector }) => sector)).toEqual([16, 17, 19, 20, 22]);
  expect(structures.endSector).toBe(23);
  const buffer = structures.allocate();
  for (const [i, { start }] of places.entries()) buffer[start] = i + 1;
  const extents = structures.extents(buffer).map(({ offset, data }) => [offset / 2048, data.size, data.bytes?.[0]]);
  expect(extents).toEqual([
    [16, 2048 + 4096 + 100, 1],
    [20, 2049, 4],
    [22, 1, 5],
  ]);
});
