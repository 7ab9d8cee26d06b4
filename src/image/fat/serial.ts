/**
 * A volume serial number made from the volume's time in hundredths of a second: volumes of different moments differ, as they do
 * by the dates that ISO 9660 readers take for a UUID. The FAT specification suggests date and time (BS_VolID).
 */
export function serialOfTime(time: Date): number {
  return Math.floor(time.getTime() / 10) >>> 0;
}
