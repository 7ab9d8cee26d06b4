/**
 * One spelling for names that a reader without letter case takes for the same: Windows, FAT, and Linux on a Joliet
 * hierarchy (mount option check=relaxed, its default there). Up first, so that letters which share a capital meet.
 */
export function foldCase(name: string): string {
  return isAscii(name) ? name.toLowerCase() : name.toUpperCase().toLowerCase();
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
