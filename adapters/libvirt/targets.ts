/** The place of a disk's target name among those of its prefix (`sda` 0, `sdz` 25, `sdaa` 26), and back (formatdomain, `target`). */

/** `a` is 0, `z` 25, `aa` 26. */
export function indexOfLetters(letters: string): number {
  let index = 0;
  for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 96;
  return index - 1;
}

/** The letters of an index from 0 on. */
export function lettersOfIndex(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : lettersOfIndex(Math.floor(index / 26) - 1) + letter;
}
