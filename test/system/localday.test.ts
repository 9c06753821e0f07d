import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localOffset, localZone, zoneText } from '../../src/system/localday.ts';

test('it tells a zone by its name where Node knows it, else by what the C library says', () => {
	assert.equal(zoneText('Europe/Berlin', 7_200), 'Europe/Berlin');
	assert.equal(zoneText('UTC', 0), 'UTC');
	assert.equal(zoneText('', 0), 'UTC');
	assert.equal(zoneText('UTC', 28_800), 'UTC+08:00');
	assert.equal(zoneText('', -12_600), 'UTC-03:30');
	assert.equal(zoneText('Etc/Unknown', 20_700), 'UTC+05:45');
});

test('it tells the zone of this machine', () => {
	const now = Date.UTC(2026, 6, 1) / 1000;
	const zone = localZone(now);
	assert.match(zone, /^(UTC|UTC[+-]\d\d:\d\d|\w+\/.+)$/);
	if (zone === 'UTC') assert.equal(localOffset(now), 0);
});
