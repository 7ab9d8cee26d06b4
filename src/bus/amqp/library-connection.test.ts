import { createRequire } from "node:module";
import { Socket } from "node:net";
import { libraryConnection } from "./library-connection.js";

test("the AMQP library that is installed is the one that is known", () => {
  const library = createRequire(createRequire(import.meta.url).resolve("amqplib"));
  const connection: object = new (library("./lib/connection.js").Connection)(new Socket());
  expect(libraryConnection(connection)).toBe(connection);
});

test("another is left alone", () => {
  expect(libraryConnection({ serverProperties: {} })).toBeUndefined();
  expect(libraryConnection({ stream: new Socket(), channels: [] })).toBeUndefined();
});
