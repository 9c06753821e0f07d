// The built agent with each way to the WAN counters, as a user starts it: ubusd's socket where OpenWrt has it (in a
// mount namespace of our own), and LuCI of every release by URL, user and password in the environment.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { releases } from './fakes/lucirelease.ts';
import { alone, folderFor, netmon, start, statusIn } from './fakes/netmon.ts';
import { WanRouter } from './fakes/wanrouter.ts';

const ownMounts = spawnSync('unshare', ['-m', 'true']).status === 0;
/** Nothing answers there: the WAN is all that is to be told. */
const noCore = ['--clash-url', 'http://127.0.0.1:9', '--listen-port', '0', '--log-connections', 'off'];

async function aRouter(t: TestContext, release: keyof typeof releases): Promise<{ router: WanRouter; folder: string }> {
	const folder = folderFor(t);
	const router = new WanRouter(folder, release);
	await router.start();
	t.after(() => router.stop());
	return { router, folder };
}

/** Runs a command as on an OpenWrt whose ubusd is the router's: its socket, its /etc, nothing of this machine's /run. */
function onOpenWrt(folder: string, offload: boolean, command: readonly string[]): string[] {
	for (const name of ['etc/config', 'work']) mkdirSync(join(folder, name), { recursive: true });
	writeFileSync(join(folder, 'etc/openwrt_release'), "DISTRIB_ID='OpenWrt'\n");
	writeFileSync(
		join(folder, 'etc/config/firewall'),
		`config defaults\n\toption flow_offloading '${offload ? 1 : 0}'\n`,
	);
	const script = [
		'mount -t tmpfs none /run && mkdir /run/ubus && : >/run/ubus/ubus.sock',
		`cp -a /etc/. ${folder}/etc/ && mount --bind ${folder}/etc /etc`,
		// The folder, for a socket file that is made anew is another file.
		`mount --bind ${folder} /run/ubus`,
		'exec "$@"',
	].join(' && ');
	return ['unshare', '-m', 'sh', '-c', script, 'sh', ...command];
}

/** Lets `router` move bytes in steps until the agent has told them all. */
async function counts(router: WanRouter, folder: string, until: (fact: () => boolean, what: string) => Promise<void>) {
	const told = () => statusIn(folder)?.totals.wan;
	await until(() => Boolean(told()), 'a baseline');
	for (let step = 0; step < 5; step += 1) {
		router.move(1_000_000 + step, 300_000 + step);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	const same = () => JSON.stringify(told()) === JSON.stringify(router.moved);
	await until(same, `WAN totals of ${JSON.stringify(router.moved)}`);
}

const noMounts = ownMounts ? false : 'no mount namespaces here: a fake ubusd where OpenWrt has its own';

test('it counts by ubus, through restarts of netifd and ubusd', { skip: noMounts }, async (t) => {
	const { router, folder } = await aRouter(t, '25.12');
	const flags = [...alone, '--state-dir', join(folder, 'work'), '--wan-source', 'ubus'];
	const agent = start(t, onOpenWrt(folder, false, [...netmon, 'agent', ...flags, ...noCore]));
	const until = (fact: () => boolean, what: string) => agent.until(fact, what);
	await counts(router, join(folder, 'work'), until);
	router.netifd.stop();
	router.move(5_000, 500);
	router.netifd.start();
	await counts(router, join(folder, 'work'), until);
	await router.ubusd.stop();
	router.move(5_000, 500);
	router.netifd.start();
	await router.ubusd.start();
	await counts(router, join(folder, 'work'), until);
	const { wan } = statusIn(join(folder, 'work'))!;
	assert.deepEqual([wan.source, wan.devices], ['ubus', ['pppoe-wan']]);
	const doctor = start(t, onOpenWrt(folder, false, [...netmon, 'doctor', ...flags, ...noCore]));
	await doctor.ended;
	assert.match(doctor.out, /ubus: pppoe-wan: netifd's default route: wan \(pppoe on pppoe-wan, IPv4\)/);
	agent.kill();
	assert.equal(await agent.ended, 0);
});

test('it takes ubus by auto where /proc lacks the WAN, with the offload of its firewall', {
	skip: noMounts,
}, async (t) => {
	const { router, folder } = await aRouter(t, '25.12');
	router.offload = true;
	router.show();
	const flags = [...alone, '--state-dir', join(folder, 'work'), '--wan-source', 'auto'];
	const agent = start(t, onOpenWrt(folder, true, [...netmon, 'agent', ...flags, ...noCore]));
	await counts(router, join(folder, 'work'), (fact, what) => agent.until(fact, what));
	const { wan } = statusIn(join(folder, 'work'))!;
	assert.equal(wan.source, 'ubus');
	assert.deepEqual([...wan.devices].sort(), ['eth1.7', 'pppoe-wan']);
	assert.match(wan.why, /^ubus: procfs did not do: .*software flow offload is on: received bytes from eth1\.7/);
	const status = start(t, [...netmon, 'status', ...alone, '--state-dir', join(folder, 'work')]);
	assert.equal(await status.ended, 0);
	assert.match(status.out, /^wan +ubus, .*eth1\.7 \+ pppoe-wan/m);
});

test('it counts by LuCI of every release, by user and password in the environment', async (t) => {
	const names = Object.keys(releases) as (keyof typeof releases)[];
	const one = async (release: keyof typeof releases) => {
		const { router, folder } = await aRouter(t, release);
		const login = [`LUCI_URL=${router.luci.url}`, 'LUCI_USERNAME=root', `LUCI_PASSWORD=${router.luci.password}`];
		const state = join(folder, 'work');
		// Not OpenWrt here: with a URL auto takes LuCI.
		const source = release === '25.12' ? 'auto' : 'luci';
		const flags = [...alone, '--state-dir', state, '--wan-source', source];
		const agent = start(t, ['env', ...login, ...netmon, 'agent', ...flags, ...noCore]);
		await counts(router, state, (fact, what) => agent.until(fact, `${release}: ${what}`));
		const { wan } = statusIn(state)!;
		assert.deepEqual([wan.source, wan.devices], ['luci', ['pppoe-wan']], release);
		assert.equal(router.luci.logins, 1, release);
		agent.kill();
		assert.equal(await agent.ended, 0, release);
		assert.doesNotMatch(agent.errors, /secret/, release);
	};
	while (names.length > 0) await Promise.all(names.splice(0, 3).map(one));
});
