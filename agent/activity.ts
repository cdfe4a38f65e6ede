/** Calls fn once no work has been under way for a while. */
export class Activity {
  private readonly idleMs: number | undefined;
  private readonly onIdle: () => void;
  private open = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `idleMs` undefined: never. */
  constructor(idleMs: number | undefined, onIdle: () => void) {
    this.idleMs = idleMs;
    this.onIdle = onIdle;
    this.rest();
  }

  /** Work has begun; the returned function says once that it ended. */
  begin(): () => void {
    clearTimeout(this.timer);
    this.open++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.open--;
      if (this.open === 0) this.rest();
    };
  }

  private rest(): void {
    if (this.idleMs !== undefined) this.timer = setTimeout(this.onIdle, this.idleMs);
  }
}
