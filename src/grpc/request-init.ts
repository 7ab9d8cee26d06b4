/**
 * A message as its sender writes it: what is left out takes its default, at every depth. 64-bit numbers may be given as numbers.
 * Members of a oneof are named by `$case`.
 */
export type Init<T> = T extends bigint
  ? bigint | number
  : T extends Date | Uint8Array | string | number | boolean | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? Init<Item>[]
      : T extends { readonly $case: infer Case; readonly value: infer Value }
        ? { $case: Case; value: Init<Value> }
        : { [Field in keyof T]?: Init<T[Field]> };
