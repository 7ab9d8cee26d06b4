import { remarksIn } from "./kernel-view.js";

test("what the kernel says of a slow machine is no remark on the volume that it reads meanwhile", () => {
  const remark = "[   14.102930] isofs_fill_super: get root inode failed";
  const late = "[   14.102722] hrtimer: interrupt took 21994470 ns";
  const usual = "[   14.102811] ISO 9660 Extensions: RRIP_1991A";
  expect(remarksIn([late, usual, remark, ""].join("\n"))).toEqual([remark]);
});
