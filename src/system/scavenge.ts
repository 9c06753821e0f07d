// Collects young garbage when told to. V8 by itself does so when the young generation is full, and counts what buffers
// hold outside of it from 32 MB on alone: so much of pieces that sockets brought may lie about dead.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (how: { readonly type: 'minor' }) => void;

let collect: Collect | null = null;

/** Takes a fraction of a millisecond. Memory that has lived through two of them is not looked at. */
export function scavenge(): void {
	collect ??= exposed();
	collect({ type: 'minor' });
}

function exposed(): Collect {
	setFlagsFromString('--expose-gc');
	const gc = runInNewContext('gc') as Collect;
	setFlagsFromString('--no-expose-gc');
	return gc;
}
