import type { DoctorFinding } from '../../../report/why/doctor-types.ts';
import type { Place } from '../../why/seen/evidence.ts';
import type { StaticWays } from '../static-ways.ts';

/** What a host's agent knows of a lab. */
export interface LabState {
  readonly host: string;
  readonly lab: string;
  /** How many things it owns there. */
  readonly objects: number;
  /** The last run that ended there, and its exit code; empty: none. */
  readonly lastRun: string;
  readonly lastExit: number;
  /** Who runs it now; empty: nobody. */
  readonly heldBy: string;
}

/** All that was read of the hosts. */
export interface Examined {
  readonly places: readonly Place[];
  readonly labs: readonly LabState[];
  readonly ways: StaticWays;
}

/** One kind of trap: a pure function of what was read. */
export interface Check {
  /** The file's name. */
  readonly name: string;
  /** One line, for the list of checks. */
  readonly summary: string;
  readonly find: (examined: Examined) => readonly Omit<DoctorFinding, 'check'>[];
}

/** Holds a definition to its type. */
export function defineCheck(check: Check): Check {
  return check;
}
