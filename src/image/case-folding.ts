/**
 * One spelling for names that a reader without letter case takes for the same: Windows, FAT, and Linux on a Joliet
 * hierarchy (mount option check=relaxed, its default there). Up first, so that letters which share a capital meet.
 */
export function foldCase(name: string): string {
  return isFolded(name) ? name : name.toUpperCase().toLowerCase();
}

/** ASCII without capitals, as most names are: told by a look, where a conversion would cost more than all else of such a name. */
function isFolded(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit > 0x7f || (unit >= 0x41 && unit <= 0x5a)) return false;
  }
  return true;
}
