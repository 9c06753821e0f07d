import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, bytes, changeText, exact, percent, rate, span, whole } from '../../../src/dashboard/language/format.ts';
import { speak } from '../../../src/dashboard/language/language.ts';

/** With plain blanks, to be read here. */
const plain = (text: string) => text.replaceAll(/[\u202f\u00a0]/g, ' ');

test('it writes bytes with three digits and never says 1000 of a unit', () => {
	speak('en');
	for (const [count, text] of [
		[0, '0 B'],
		[999, '999 B'],
		[1000, '1.00 kB'],
		[9994, '9.99 kB'],
		[9996, '10.0 kB'],
		[99_960, '100 kB'],
		[999_499, '999 kB'],
		[999_500, '1.00 MB'],
		[5_400_000, '5.40 MB'],
		[65_500_000_000, '65.5 GB'],
		[9e18, '9.00 EB'],
		[-1234, '−1.23 kB'],
	] as const) {
		assert.equal(plain(bytes(count)), text);
	}
	assert.equal(plain(rate(5_400_000)), '5.40 MB/s');
	assert.equal(plain(exact(1_234_567)), '1,234,567 B');
});

test('it writes a dash for what is unknown, and no zero for what is little', () => {
	speak('en');
	for (const text of [bytes(null), rate(null), exact(null), whole(null), percent(null), percent(Number.NaN)]) {
		assert.equal(text, '–');
	}
	assert.equal(plain(percent(0)), '0%');
	assert.equal(plain(percent(0.0004)), '< 0.1%');
	assert.equal(plain(percent(0.0123)), '1.2%');
	assert.equal(plain(percent(0.567)), '57%');
	for (const [now, before, words] of [
		[112.3, 100, '+12%'],
		[50, 100, '-50%'],
		[1_004, 1_000, '±0%'],
		[0, 100, '-100%'],
		[990, 100, '+890%'],
		// There was hardly anything to compare with, or nothing is known.
		[1_000, 100, ''],
		[5, 0, ''],
		[null, 100, ''],
		[100, null, ''],
	] as const) {
		assert.equal(plain(changeText(now, before)), words);
	}
});

test('it writes numbers and times as each language does', () => {
	speak('zh');
	assert.equal(plain(span(5 * 60_000)), '5分钟');
	assert.equal(plain(ago(3 * 3_600_000)), '3小时前');
	assert.equal(ago(500), '刚刚');
	speak('en');
	assert.equal(plain(ago(3 * 3_600_000)), '3 hrs ago');
	assert.equal(plain(span(5 * 60_000)), '5 mins');
	assert.equal(ago(500), 'just now');
});
