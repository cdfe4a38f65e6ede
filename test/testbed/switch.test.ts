import { describe, expect, it } from 'vitest';
import { newSwitch } from '../../controller/testbed/switch.ts';

const everyone = 'ffffffffffff';
const multicast = '01005e000005';

/** Two hosts and a gateway, with what reached each, as the frames' MACs. */
function segment() {
  const wire = newSwitch();
  const got: Record<string, string[]> = {};
  const port = (name: string, flooded: boolean) => {
    const heard: string[] = [];
    got[name] = heard;
    const made = { flooded, send: (frame: Buffer) => void heard.push(frame.toString('hex', 0, 12)) };
    wire.plug(made);
    return made;
  };
  const ports = { vm01: port('vm01', true), vm02: port('vm02', true), gateway: port('gateway', false) };
  const send = (from: keyof typeof ports, to: string, station: string) =>
    wire.receive(ports[from], Buffer.from(`${to}${station}0800`, 'hex'));
  return { wire, ports, got, send };
}

const [one, two, three, way] = ['525400000001', '525400000002', '525400000003', '5255ac105b02'];

describe('a switch', () => {
  it('sends what is for everyone, or for a group, to all but who sent it', () => {
    const { got, send } = segment();
    send('vm01', everyone, one);
    send('vm01', multicast, one);
    const frames = [everyone + one, multicast + one];
    expect(got).toEqual({ vm01: [], vm02: frames, gateway: frames });
  });

  it('sends what is for a known station to that station alone', () => {
    const { got, send } = segment();
    send('gateway', everyone, way);
    send('vm02', everyone, two);
    for (const heard of Object.values(got)) heard.length = 0;
    send('vm01', two, one);
    send('vm02', one, two);
    send('vm01', way, one);
    expect(got).toEqual({ vm01: [one + two], vm02: [two + one], gateway: [way + one] });
  });

  it('does not trouble the gateway with what is for a station that nobody has heard of', () => {
    const { got, send } = segment();
    send('vm01', three, one);
    expect(got).toEqual({ vm01: [], vm02: [three + one], gateway: [] });
  });

  it('sends nothing back where it came from', () => {
    const { got, send } = segment();
    send('vm01', everyone, one);
    send('vm01', everyone, three);
    for (const heard of Object.values(got)) heard.length = 0;
    send('vm01', three, one);
    expect(got).toEqual({ vm01: [], vm02: [], gateway: [] });
  });

  it('follows a station that moves, and forgets one that was unplugged', () => {
    const { wire, ports, got, send } = segment();
    send('vm01', everyone, one);
    send('vm02', everyone, one);
    for (const heard of Object.values(got)) heard.length = 0;
    send('gateway', one, way);
    expect(got).toEqual({ vm01: [], vm02: [one + way], gateway: [] });
    wire.unplug(ports.vm02);
    send('gateway', one, way);
    expect(got).toEqual({ vm01: [one + way], vm02: [one + way], gateway: [] });
  });

  it('takes a station that makes up addresses', () => {
    const { got, send } = segment();
    send('vm02', everyone, two);
    for (let each = 0; each < 20_000; each += 1)
      send('vm01', two, (0x020000000000 + each).toString(16).padStart(12, '0'));
    expect(got.vm02).toHaveLength(20_000);
  });

  it('takes no notice of what is too short for a frame', () => {
    const { wire, ports, got } = segment();
    for (let length = 0; length < 14; length += 1) wire.receive(ports.vm01, Buffer.alloc(length, 0xff));
    expect(got).toEqual({ vm01: [], vm02: [], gateway: [] });
  });
});
