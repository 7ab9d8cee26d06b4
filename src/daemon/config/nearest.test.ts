import { editDistance, nearest } from "./nearest.js";

test.each([
  ["", "", 0],
  ["listen", "listen", 0],
  ["lisen", "listen", 1],
  ["lsiten", "listen", 1],
  ["kitten", "sitting", 3],
  ["", "abc", 3],
])("from %j to %j it is %d", (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
  expect(editDistance(to, from)).toBe(distance);
});

const known = ["directory", "image_mode", "host", "qmp_socket"];

test.each([
  ["directry", "directory"],
  ["DIRECTORY", "directory"],
  ["hots", "host"],
  ["qmp_sockets", "qmp_socket"],
  ["my_ip", undefined],
  ["host_x_y_z", undefined],
  ["", undefined],
])("%j means %j", (given, meant) => {
  expect(nearest(given, known)).toBe(meant);
});
