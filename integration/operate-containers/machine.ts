import { randomBytes } from "node:crypto";
import type { Docker } from "../rigs/docker.js";

/** A machine in a container, with systemd as its first process. */
export class Machine implements AsyncDisposable {
  private constructor(
    private readonly docker: Docker,
    private readonly name: string,
  ) {}

  /** Starts one; systemd takes commands when this ends. */
  static async start(docker: Docker, image: string): Promise<Machine> {
    const name = `configdrive-machine-${randomBytes(6).toString("hex")}`;
    // What systemd needs to set up the namespaces of its units, and no more.
    const rights = ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"];
    const mounts = ["--cgroupns", "private", "--tmpfs", "/run", "--tmpfs", "/tmp"];
    const machine = new Machine(docker, name);
    try {
      await docker.command("run", "--detach", "--name", name, ...rights, ...mounts, image);
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a shell script as root, which ends at its first command that fails; gives what it printed, and throws where it failed. */
  async run(script: string): Promise<string> {
    return await this.docker.command("exec", "--workdir", "/root", this.name, "sh", "-euc", `exec 2>&1\n${script}`);
  }

  /** Puts a file into `/root`. */
  async bring(path: string): Promise<void> {
    await this.docker.command("cp", path, `${this.name}:/root/`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.docker.command("rm", "--force", "--volumes", this.name);
  }
}
