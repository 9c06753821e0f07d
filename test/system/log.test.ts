import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogOptions, openLog } from '../../src/system/log.ts';
import { FakeClock } from '../fakes/clock.ts';

function open(options: Partial<LogOptions> = {}) {
	const lines: string[] = [];
	const clock = new FakeClock();
	clock.wall = () => Date.UTC(2026, 0, 2, 3, 4, 5, 6);
	const log = openLog({ level: 'debug', format: 'text', clock, write: (line) => lines.push(line), ...options });
	return { lines, log };
}

test('it writes time, level, part and text', () => {
	const { lines, log } = open();
	log('wan').warn('down: no route');
	log('mihomo').info('up');
	assert.deepEqual(lines, [
		'2026-01-02T03:04:05.006Z WARN  wan: down: no route',
		'2026-01-02T03:04:05.006Z INFO  mihomo: up',
	]);
});

test('it writes one JSON object a line, whatever the text holds', () => {
	const { lines, log } = open({ format: 'json' });
	const text = 'a "name"\nwith \u001b[2J and \u2028';
	log('conn').info(text);
	assert.equal(lines.length, 1);
	assert.ok(!lines[0]!.includes('\n') && !lines[0]!.includes('\u001b'));
	assert.deepEqual(JSON.parse(lines[0]!), { time: '2026-01-02T03:04:05.006Z', level: 'info', part: 'conn', text });
});

test('it lets no name from the network break a line or move the cursor', () => {
	const { lines, log } = open();
	log('conn').info('evil\r\nERROR fake: line \u001b[31m\u0007\u009b');
	assert.equal(lines.length, 1);
	assert.doesNotMatch(lines[0]!, /[\u0000-\u001f\u007f-\u009f]/);
	assert.match(lines[0]!, /evil\\x0d\\x0aERROR fake: line \\x1b\[31m\\x07\\x9b$/);
});

test('it writes from its level up, and says whether debug would be', () => {
	for (const [level, expected] of [
		['error', 1],
		['warn', 2],
		['info', 3],
		['debug', 4],
	] as const) {
		const { lines, log } = open({ level });
		const part = log('x');
		part.error('e');
		part.warn('w');
		part.info('i');
		part.debug('d');
		assert.equal(lines.length, expected, level);
		assert.equal(part.debugs, level === 'debug');
	}
});

test('it counts repeats and says how many came when something else is said', () => {
	const { lines, log } = open();
	for (let count = 0; count < 1000; count += 1) log('udp').warn('the same');
	assert.equal(lines.length, 1);
	log('wan').warn('the same');
	assert.match(lines[1]!, /INFO {2}log: the last line came 999 more times$/);
	assert.match(lines[2]!, /WARN {2}wan: the same$/);
	log('wan').warn('the same');
	log('wan').info('the same');
	assert.match(lines[3]!, /came 1 more time$/);
	assert.equal(lines.length, 5);
});

test('it leaves out what nobody reads, and says how many lines when somebody does', () => {
	let unread = 0;
	const { lines, log } = open({ unread: () => unread });
	log('a').info('one');
	unread = 2 ** 21;
	for (let count = 0; count < 7; count += 1) log('a').info(`lost ${count}`);
	assert.equal(lines.length, 1);
	unread = 0;
	log('a').info('two');
	assert.match(lines[1]!, /WARN {2}log: 7 lines were left out: nobody read them$/);
	assert.match(lines[2]!, /a: two$/);
});
