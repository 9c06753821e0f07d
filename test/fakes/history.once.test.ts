import assert from 'node:assert/strict';
import { test } from 'node:test';
import { happenings } from './happenings.ts';
import { type History, type HistoryEvent, makeHistory } from './history.ts';

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);
const histories = seeds.map((seed) => makeHistory(seed));

function each(visit: (event: HistoryEvent, hint: string, history: History, index: number) => void) {
	for (const history of histories) {
		history.events.forEach((event, index) => {
			visit(event, `seed ${history.seed}, event ${index} ${event.kind} (${event.what})`, history, index);
		});
	}
}

test('it lets everything happen, and every way to take a frame', () => {
	const said = new Set<string>();
	const verdicts = new Map<string, number>();
	const kinds = new Set<string>();
	each((event) => {
		said.add(event.what);
		kinds.add(event.kind);
		if (event.kind === 'frames') verdicts.set(event.expected.verdict, (verdicts.get(event.expected.verdict) ?? 0) + 1);
	});
	for (const [what] of happenings) assert.ok(said.has(what), what);
	for (const verdict of ['first', 'same', 'doubt', 'new']) assert.ok((verdicts.get(verdict) ?? 0) > 20, verdict);
	assert.deepEqual([...kinds].sort(), ['agent restart', 'arrive', 'checkpoint', 'frames', 'identify', 'lost', 'rest']);
});

test('it ends at rest, and rest is where nothing moves', () => {
	each((event, hint, { events }, index) => {
		if (event.kind !== 'rest') return;
		const [before, last] = [events[index - 2], events[index - 1]];
		assert.ok(before?.kind === 'frames' && last?.kind === 'frames', hint);
		assert.deepEqual(last.expected.total, before.expected.total, hint);
		assert.deepEqual(last.expected.attributed, before.expected.attributed, hint);
	});
	for (const { events, seed } of histories) assert.equal(events.at(-1)?.kind, 'rest', `seed ${seed}`);
});

test('it expects at rest what the core itself counted, and never more', () => {
	let fromZero = 0;
	each((event, hint) => {
		if (event.kind !== 'rest') return;
		const { from, total, unattributed, byRule } = event.expected;
		for (const way of ['up', 'down'] as const) {
			if (from === 'zero') assert.equal(total[way], event.core[way], hint);
			else assert.ok(total[way] <= event.core[way], hint);
			assert.equal(byRule[way], Math.max(0, unattributed[way]), hint);
		}
		if (from === 'zero') fromZero += 1;
	});
	assert.ok(fromZero > 20);
});

test('it has moments when the counters are ahead of the totals, and when a new connection is missing', () => {
	let ahead = 0;
	let missing = 0;
	each((event, _hint, { events }, index) => {
		if (event.kind !== 'frames') return;
		if (event.expected.unattributed.down < 0) ahead += 1;
		const next = events[index + 1];
		if (next?.kind === 'frames' && next.expected.unattributed.down < event.expected.unattributed.down) missing += 1;
	});
	assert.ok(ahead > 5 && missing > 50, `${ahead} ahead, ${missing} missing`);
});

test('it counts on from a checkpoint as if the frames since had never been heard', () => {
	let restarts = 0;
	each((event, hint, { events }, index) => {
		if (event.kind !== 'agent restart' || event.from !== 'checkpoint') return;
		const next = events.slice(index).find((later) => later.kind === 'frames');
		const kept = events.slice(0, index).reverse();
		const checkpoint = kept.findIndex(({ kind }) => kind === 'checkpoint');
		const frame = kept.slice(checkpoint).find(({ kind }) => kind === 'frames');
		assert.ok(next?.kind === 'frames' && frame?.kind === 'frames' && checkpoint >= 0, hint);
		restarts += 1;
		if (next.expected.verdict === 'new') return;
		assert.equal(next.expected.frames, frame.expected.frames + 1, hint);
	});
	assert.ok(restarts > 50);
});

test('it gives the same history for the same seed', () => {
	assert.deepEqual(makeHistory(5), histories[4]);
	assert.notDeepEqual(makeHistory(6).events, histories[4]?.events);
});
