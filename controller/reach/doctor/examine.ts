import type { DoctorFinding } from '../../report/why/doctor-types.ts';
import type { Place } from '../why/seen/evidence.ts';
import type { LabState } from './checks/check.ts';
import { registry } from './checks/registry.gen.ts';
import { StaticWays } from './static-ways.ts';

/** All traps that the checks find in what was read, by host and namespace. */
export function examine(places: readonly Place[], labs: readonly LabState[]): readonly DoctorFinding[] {
  const examined = { places, labs, ways: new StaticWays(places) };
  const found = [...registry.values()].flatMap(({ name, find }) =>
    find(examined).map((one) => ({ check: name, ...one })),
  );
  const order = ({ host, netns }: DoctorFinding) =>
    places.findIndex((place) => place.host === host && place.netns === netns);
  return found.sort((one, other) => order(one) - order(other));
}
