import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TerminalView } from '../../src/sinks/terminal.ts';
import { someLive, someSpeeds } from '../fakes/live.ts';
import { Pipe, Screen } from '../fakes/screen.ts';

const words = { title: 'router', source: '', notes: [] };
const liveOf = (up: number) => someLive({ speeds: { ...someSpeeds, direct: { up, down: 0 } } });

test('it draws in place on a terminal: one view however often it is shown, log lines above in their order', () => {
	const screen = new Screen(80, 30);
	const view = new TerminalView({ stdout: screen, env: {} });
	view.start();
	assert.equal(screen.cursorVisible, false);
	for (let second = 1; second <= 12; second++) {
		view.show(liveOf(second), words);
		if (second % 4 === 0) view.aboveLine(`log ${second} ${'x'.repeat(second === 8 ? 100 : 0)}`);
	}
	const titles = screen.lines.filter((line) => line.includes('netmon router'));
	assert.equal(titles.length, 1);
	assert.deepEqual(
		screen.lines.slice(0, 4).map((line) => line.slice(0, 6).trim()),
		['log 4', 'log 8', 'xxxxxx'.slice(0, 6), 'log 12'],
	);
	assert.equal(
		screen.lines.findIndex((line) => line.includes('netmon router')),
		4,
	);
	assert.equal(screen.lines.filter((line) => line.includes(' 12 B/s')).length, 1);
	assert.equal(screen.wrapped, 1, 'only the long log line');
	view.stop();
	view.stop();
	assert.equal(screen.cursorVisible, true);
	assert.equal(screen.lines.filter((line) => line.includes(' 12 B/s')).length, 1, 'the last view stays');
	assert.equal(screen.listenerCount('resize') + screen.listenerCount('drain'), 0);
});

test('it shrinks with what it shows and leaves nothing of the larger view', () => {
	const screen = new Screen(80, 30);
	const view = new TerminalView({ stdout: screen, env: {} });
	view.start();
	view.show(liveOf(1), { ...words, notes: ['one', 'two', 'three'] });
	view.show(liveOf(2), words);
	assert.ok(!screen.lines.some((line) => /one|two|three/.test(line)));
});

test('it follows the size of the terminal', () => {
	const screen = new Screen(100, 40);
	const view = new TerminalView({ stdout: screen, env: {} });
	view.start();
	view.show(liveOf(1), words);
	screen.columns = 60;
	screen.emit('resize');
	const titles = screen.lines.flatMap((text, at) => (text.includes('netmon router') ? [at] : []));
	assert.equal(titles.length, 1);
	for (const line of screen.lines.slice(titles[0])) assert.ok(line.length < 60, line);
});

test('it writes one line a second and no control where the output is no terminal, or a dumb one', () => {
	const dumb = new Screen(80, 24);
	for (const [stdout, env] of [
		[new Pipe(), {}],
		[dumb, { TERM: 'dumb' }],
	] as const) {
		const view = new TerminalView({ stdout, env });
		view.start();
		view.show(liveOf(1), words);
		view.aboveLine('a notice');
		view.show(liveOf(2), words);
		view.stop();
		assert.ok(!stdout.written.includes('\x1b'));
		const lines = stdout.written.split('\n');
		assert.equal(lines.length, 4);
		assert.match(lines[0]!, /direct ↑ 1 B\/s/);
		assert.equal(lines[1], 'a notice');
		assert.match(lines[2]!, /direct ↑ 2 B\/s/);
	}
});

test('it has colours on a terminal, and none with NO_COLOR', () => {
	const colorsOf = (env: Record<string, string>) => {
		const screen = new Screen(80, 24);
		const view = new TerminalView({ stdout: screen, env });
		view.start();
		view.show(liveOf(1), words);
		return /\x1b\[\d+m/.test(screen.written);
	};
	assert.deepEqual([colorsOf({}), colorsOf({ NO_COLOR: '1' }), colorsOf({ NO_COLOR: '' })], [true, false, true]);
});

test('it leaves out what a slow reader does not take, but no notice, and goes on when it does', () => {
	const pipe = new Pipe();
	const view = new TerminalView({ stdout: pipe, env: {} });
	view.start();
	pipe.takes = false;
	for (let second = 1; second <= 5; second++) view.show(liveOf(second), words);
	view.aboveLine('a notice');
	assert.equal(pipe.lines.length, 2);
	pipe.takes = true;
	pipe.emit('drain');
	view.show(liveOf(6), words);
	assert.match(pipe.lines[2]!, /direct ↑ 6 B\/s/);
});

test('it shows nothing before start and after stop', () => {
	const pipe = new Pipe();
	const view = new TerminalView({ stdout: pipe, env: {} });
	view.show(liveOf(1), words);
	view.start();
	view.start();
	view.stop();
	view.show(liveOf(2), words);
	assert.equal(pipe.written, '');
});
