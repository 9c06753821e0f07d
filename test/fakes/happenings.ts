// What may happen in a history, in words and in calls.
import type { Dice } from './dice.ts';
import type { HistoryMaker } from './historymaker.ts';

type Happening = readonly [what: string, happen: (maker: HistoryMaker, dice: Dice) => void];

function flows(maker: HistoryMaker, count: number): void {
	for (let n = count; n > 0; n -= 1) maker.core.flow();
}

const traffic: Happening = [
	'traffic',
	(maker, dice) => {
		for (let n = dice.int(1, 6); n > 0; n -= 1) maker.flow();
	},
];
const rest: Happening = ['a rest', (maker) => maker.rest()];
const checkpoint: Happening = ['a checkpoint', (maker) => maker.checkpoint()];

/** What may happen; what stands here more than once does so more often. */
export const happenings: readonly Happening[] = [
	traffic,
	traffic,
	traffic,
	traffic,
	traffic,
	rest,
	rest,
	checkpoint,
	checkpoint,
	['two walks in a row miss another new connection', (maker) => maker.missTwice()],
	['a stalled reader gets several frames at once', (maker) => maker.stall()],
	['a reload', (maker) => maker.reload()],
	['an id is used again', (maker) => maker.reuse()],
	['a counter falls', (maker) => maker.fall()],
	['all connections close', (maker) => maker.closeAll()],
	[
		'the core is killed under flow',
		(maker, dice) => {
			maker.killCore();
			flows(maker, dice.int(0, 3));
			maker.comeBack();
		},
	],
	[
		'the core restarts and outgrows itself by what is listed',
		(maker) => {
			maker.killCore();
			maker.outgrow('listed');
			maker.comeBack();
		},
	],
	[
		'the core restarts and outgrows itself by what is not listed',
		(maker, dice) => {
			maker.killCore();
			flows(maker, dice.int(0, 3));
			maker.outgrow('never listed');
			maker.comeBack();
		},
	],
	[
		'the stream is lost',
		(maker) => {
			maker.lose();
			maker.comeBack();
		},
	],
	[
		'a reload while the stream is lost',
		(maker) => {
			maker.lose();
			maker.core.reload();
			maker.comeBack();
		},
	],
	[
		'a reload while the stream is lost, and all connections close',
		(maker, dice) => {
			maker.lose();
			maker.core.closeAll();
			maker.core.reload();
			flows(maker, dice.int(0, 3));
			maker.comeBack();
		},
	],
	[
		'the agent restarts',
		(maker, dice) => {
			maker.killAgent('checkpoint');
			flows(maker, dice.int(0, 6));
			maker.comeBack();
		},
	],
	[
		'a reload while the agent restarts',
		(maker, dice) => {
			maker.killAgent('checkpoint');
			maker.core.reload();
			flows(maker, dice.int(0, 2));
			maker.comeBack();
		},
	],
	[
		'a reload while the agent restarts, and all connections close',
		(maker, dice) => {
			maker.killAgent('checkpoint');
			maker.core.closeAll();
			maker.core.reload();
			flows(maker, dice.int(0, 2));
			maker.comeBack();
		},
	],
	[
		'the core restarts while the agent does',
		(maker, dice) => {
			maker.killAgent('checkpoint');
			maker.restartCore();
			if (dice.chance(0.7)) maker.outgrow(dice.pick(['listed', 'never listed']));
			flows(maker, dice.int(0, 2));
			maker.comeBack();
		},
	],
	[
		'the machine reboots',
		(maker) => {
			maker.reboot();
			maker.comeBack();
		},
	],
	[
		'the agent restarts without a checkpoint',
		(maker, dice) => {
			maker.killAgent('nothing');
			flows(maker, dice.int(0, 6));
			maker.comeBack();
		},
	],
];
