import type { ImageStore, StoredFile, WrittenImage } from "#drive/image-store.js";
import type { Instruments } from "./instruments.js";

/** An image store whose writes are counted and timed. */
export class MeteredImages implements ImageStore {
  constructor(
    private readonly inner: ImageStore,
    private readonly instruments: Instruments,
  ) {}

  async place(...asked: Parameters<ImageStore["place"]>): Promise<WrittenImage> {
    const { builds, buildSeconds, imageBytes } = this.instruments;
    const stop = buildSeconds.startTimer();
    try {
      const written = await this.inner.place(...asked);
      builds.inc({ result: "done" });
      imageBytes.inc(written.sizeBytes);
      return written;
    } catch (error) {
      builds.inc({ result: "failed" });
      throw error;
    } finally {
      stop();
    }
  }

  hold(driveId: string) {
    return this.inner.hold(driveId);
  }

  locate(driveId: string, generation: number, sizeBytes: number) {
    return this.inner.locate(driveId, generation, sizeBytes);
  }

  read(driveId: string, generation: number) {
    return this.inner.read(driveId, generation);
  }

  remove(driveId: string, generation: number) {
    return this.inner.remove(driveId, generation);
  }

  removeDrive(driveId: string) {
    return this.inner.removeDrive(driveId);
  }

  list(which?: { readonly held: boolean }) {
    return this.inner.list(which);
  }

  discard(file: StoredFile) {
    return this.inner.discard(file);
  }
}
