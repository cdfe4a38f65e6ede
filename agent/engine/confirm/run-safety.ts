import type { Arm, Precautions, RunResponse } from '../../../proto/gen/orch/v1/agent.ts';
import { unaskedSeconds } from '../../../proto/unasked-seconds.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Step } from '../../modules/module.ts';
import type { Confirming } from './confirming.ts';
import type { Peer } from './peer.ts';
import { touchesWay, type Way } from './way.ts';

export interface RunSafetyParts {
  readonly lab: string;
  readonly run: string;
  readonly holder: string;
  readonly precautions: Precautions | undefined;
  /** Where the controller comes from. */
  readonly peers: readonly Peer[];
  readonly host: ActingHost;
  readonly confirming: Confirming;
}

/** Sees to it that a run which has to be confirmed is armed before its first change, or before one that could cut the controller's way. */
export class RunSafety {
  private readonly parts: RunSafetyParts;
  private armed = false;
  private foreseen = false;
  private way: Promise<Way> | undefined;
  private tell: (message: NonNullable<RunResponse['message']>) => void = () => undefined;

  constructor(parts: RunSafetyParts) {
    this.parts = parts;
  }

  /** Where to say that the run was armed. */
  tellTo(tell: (message: NonNullable<RunResponse['message']>) => void): void {
    this.tell = tell;
  }

  /** Steps are about to be carried out. */
  async beforeSteps(steps: readonly Step[]): Promise<void> {
    if (this.armed) return;
    this.beforeCommand();
    if (this.armed) return;
    const cutting = await this.cutting(steps);
    if (cutting !== undefined) this.arm({ confirmS: unaskedSeconds, reason: cutting });
  }

  /** Steps of check mode: says of the first that could cut the way what a run would do. */
  async foresee(steps: readonly Step[]): Promise<readonly string[]> {
    if (this.foreseen || (this.parts.precautions?.confirmS ?? 0) > 0) return [];
    const cutting = await this.cutting(steps);
    if (cutting === undefined) return [];
    this.foreseen = true;
    return [
      `a run would touch the controller's way to this host (${cutting}), and be taken back in ${unaskedSeconds} s unless it is confirmed`,
    ];
  }

  /** The object of the first step that could cut the controller's way. */
  private async cutting(steps: readonly Step[]): Promise<string | undefined> {
    if (this.parts.peers.length === 0) return undefined;
    this.way ??= this.findWay();
    const way = await this.way;
    return steps.find((step) => touchesWay(step.action, way))?.object;
  }

  private async findWay(): Promise<Way> {
    const { findWay } = await import('./find-way.ts');
    return findWay(this.parts.peers, this.parts.host);
  }

  /** A program is about to run that may change anything. */
  beforeCommand(): void {
    const confirmS = this.parts.precautions?.confirmS ?? 0;
    if (!this.armed && confirmS > 0) this.arm({ confirmS, reason: '' });
  }

  /** Says it again when asked again: who asks wants to hear it. */
  arm({ confirmS, reason }: Arm): void {
    const { lab, run, holder, confirming } = this.parts;
    confirming.arm({ lab, run, holder, seconds: confirmS, reason });
    this.armed = true;
    this.tell({ $case: 'armed', value: { confirmS, reason } });
  }

  extend(): void {
    this.parts.confirming.extend(this.parts.lab, this.parts.run);
    this.tell({ $case: 'extended', value: {} });
  }
}
