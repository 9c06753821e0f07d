import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { readIpk } from '../fakes/ipk.ts';
import { buildPackages, Router, whyNoRouter } from '../fakes/router.ts';

let ipk: Buffer;
let packages: ReadonlyMap<string, Buffer>;
const folder = mkdtempSync(join(tmpdir(), 'netmon-ipk-'));
before(() => {
	packages = buildPackages(folder);
	ipk = packages.get('netmon')!;
});
after(() => rmSync(folder, { recursive: true, force: true }));

function withRouter(title: string, body: (router: Router) => void): void {
	test(title, (t: TestContext) => {
		const why = whyNoRouter();
		if (why) return t.skip(why);
		const router = new Router();
		try {
			body(router);
		} finally {
			router.remove();
		}
	});
}

const said = (router: Router) => router.records().map((one) => one.join(' '));
const fine = { code: 0, stdout: '', stderr: '' };

withRouter('it installs: the user, the rights, the links, the new objects, and the service that runs', (router) => {
	assert.deepEqual(router.install(ipk), fine);
	const records = said(router);
	assert.match(router.read('etc/passwd'), /^netmon:x:32768:32768:netmon:\/var\/run\/netmon:\/bin\/false$/m);
	assert.match(router.read('etc/group'), /^netmon:x:32768:netmon$/m);
	assert.ok(records.includes('killall -HUP ubusd'));
	assert.ok(records.includes('rpcd reload'));
	assert.ok(records.includes('procd started'));
	assert.deepEqual(readdirSync(router.path('etc/rc.d')).sort(), ['K10netmon', 'S95netmon']);
	assert.ok(!existsSync(router.path('etc/uci-defaults/80-netmon')), 'uci-defaults that went well are gone');
	assert.equal(router.rights('etc/config/netmon'), '0600 0:0');
	// A second start, as a user's guide would have it, is no harm.
	router.service('start');
	assert.deepEqual(
		said(router).filter((one) => one.startsWith('procd')),
		[],
	);
});

withRouter('it leaves the folders of others as they were', (router) => {
	const folders = ['etc', 'etc/config', 'etc/init.d', 'usr', 'usr/bin', 'usr/lib', 'lib'];
	const rightsBefore = folders.map((one) => router.rights(one));
	router.install(ipk);
	assert.deepEqual(
		folders.map((one) => router.rights(one)),
		rightsBefore,
	);
});

withRouter('it upgrades: stopped before, started after, settings kept', (router) => {
	router.install(ipk);
	router.setUci('netmon', [{ type: 'agent', name: 'main', options: { interval: '500' } }]);
	said(router);
	assert.deepEqual(router.install(ipk, { as: '9.0.0-r1' }), fine);
	assert.deepEqual(
		said(router).filter((one) => one.startsWith('procd')),
		['procd killed', 'procd started'],
	);
	assert.match(router.read('etc/config/netmon'), /interval '500'/);
	assert.equal(router.rights('etc/config/netmon'), '0600 0:0');
	assert.match(router.read('etc/config/netmon-opkg'), /option core 'auto'/);
	assert.deepEqual(readdirSync(router.path('etc/rc.d')).sort(), ['K10netmon', 'S95netmon']);
	// And back: the same steps.
	assert.deepEqual(router.install(ipk, { as: '0.0.9-r1' }), fine);
	assert.match(router.read('etc/config/netmon'), /interval '500'/);
});

withRouter('it keeps a service that the user disabled disabled through an upgrade', (router) => {
	router.install(ipk);
	router.service('disable');
	router.install(ipk, { as: '9.0.0-r1' });
	assert.deepEqual(readdirSync(router.path('etc/rc.d')), []);
});

withRouter('it is removed with all but what the user changed and what was counted', (router) => {
	router.install(ipk);
	const files = readIpk(ipk)
		.data.filter(({ kind }) => kind === 'file')
		.map(({ path }) => path);
	router.write('etc/netmon/history', 'a year');
	said(router);
	assert.equal(router.uninstall('netmon').code, 0);
	assert.ok(said(router).includes('procd killed'));
	assert.deepEqual(
		files.filter((path) => existsSync(router.path(path))),
		[],
	);
	assert.deepEqual(readdirSync(router.path('etc/rc.d')), []);
	assert.equal(router.read('etc/netmon/history'), 'a year');
});

withRouter('it leaves changed settings behind, and takes them up when it is installed again', (router) => {
	router.install(ipk);
	router.setUci('netmon', [{ type: 'agent', name: 'main', options: { interval: '700' } }]);
	router.uninstall('netmon');
	assert.match(router.read('etc/config/netmon'), /interval '700'/);
	router.install(ipk);
	assert.match(router.read('var/run/netmon/config'), /interval '700'/);
});

withRouter('it makes the section again, and hides the secrets, where a restored backup had neither', (router) => {
	mkdirSync(router.path('etc/config'), { recursive: true });
	router.write('etc/config/netmon', "config wrong 'other'\n", 0o644);
	assert.equal(router.install(ipk).code, 0);
	assert.match(router.read('etc/config/netmon'), /config agent 'main'/);
	assert.equal(router.rights('etc/config/netmon'), '0600 0:0');
});

for (const [name, links] of [
	['netmon', ['K10netmon', 'S95netmon']],
	['netmon-master', ['K11netmon-master', 'S94netmon-master']],
] as const)
	withRouter(`it is only unpacked and enabled by the image builder, and starts on the router: ${name}`, (router) => {
		// The image's root lies below the builder's.
		const image = new Router();
		try {
			const info = '/usr/lib/opkg/info';
			const { data, scripts, control } = readIpk(packages.get(name)!);
			for (const { path, kind, mode, content } of data) {
				if (kind === 'folder') mkdirSync(image.path(path), { recursive: true });
				else image.write(path, content, mode);
			}
			image.write(`${info}/${name}.list`, data.map(({ path }) => `${path}\n`).join(''));
			image.write(`${info}/${name}.control`, [...control].map(([field, value]) => `${field}: ${value}\n`).join(''));
			for (const [script, text] of scripts) image.write(`${info}/${name}.${script}`, text, 0o755);
			rmSync(router.path('root'), { recursive: true });
			router.take(image, 'root');
			const built = router.run(`/root${info}/${name}.postinst configure`, { IPKG_INSTROOT: '/root' });
			assert.deepEqual(built, fine);
			assert.deepEqual(
				said(router).filter((one) => /procd|rpcd|killall|param/.test(one)),
				[],
			);
			assert.deepEqual(readdirSync(router.path('root/etc/rc.d')).sort(), links);
			assert.match(router.read('root/etc/passwd'), /^netmon:/m);
			assert.ok(existsSync(router.path(`root/etc/uci-defaults/80-${name}`)), 'it is for the first boot');
		} finally {
			image.remove();
		}
	});

withRouter('it names what a sysupgrade keeps', (router) => {
	router.install(ipk);
	assert.equal(router.read('lib/upgrade/keep.d/netmon'), '/etc/netmon/\n');
	assert.deepEqual(readIpk(ipk).conffiles, ['/etc/config/netmon']);
});

withRouter('it installs where there is no Node yet: a sentence in the log, and nothing runs', (router) => {
	rmSync(router.path('usr/bin/node'));
	assert.deepEqual(router.install(ipk), fine);
	const records = said(router);
	assert.ok(records.some((one) => /daemon\.err not started: there is no Node/.test(one)));
	assert.ok(!records.includes('procd started'));
});

withRouter('it goes on after a sysupgrade with what the backup has, which was taken while it ran', (router) => {
	router.install(ipk);
	router.setUci('netmon', [{ type: 'agent', name: 'main', options: { interval: '700', agent_id: 'here' } }]);
	router.service('reload');
	router.write('etc/netmon/flash.db', 'history');
	said(router);
	// What sysupgrade saves: conffiles that were changed, and what keep.d names. No service is asked to stop before.
	const kept = [
		...readIpk(ipk).conffiles,
		...router.run('for one in $(cat /lib/upgrade/keep.d/*); do find $one -type f; done').stdout.trim().split('\n'),
	];
	assert.deepEqual(kept, ['/etc/config/netmon', '/etc/netmon/flash.db']);
	assert.deepEqual(said(router), []);
	const after = new Router();
	try {
		// Another program came first there: its user has the id that netmon had.
		after.write('etc/passwd', 'root:x:0:0:root:/root:/bin/ash\nother:x:32768:32768:other:/var/run/other:/bin/false\n');
		after.write('etc/group', 'root:x:0:\nother:x:32768:other\n');
		for (const path of kept) {
			mkdirSync(join(after.path(path), '..'), { recursive: true });
			after.write(path, router.read(path), path.includes('config') ? 0o600 : 0o644);
		}
		after.run('chown -R 32768:32768 /etc/netmon');
		assert.deepEqual(after.install(ipk), fine);
		assert.ok(said(after).includes('procd started'));
		assert.match(after.read('var/run/netmon/config'), /agent_id 'here'/);
		assert.match(after.rights('etc/netmon/flash.db')!, / 32769:32769$/);
		assert.equal(after.read('etc/netmon/flash.db'), 'history');
	} finally {
		after.remove();
	}
});

withRouter('it writes nothing outside of memory but its folder on flash, and that only to make it', (router) => {
	router.install(ipk);
	router.run('find / -xdev -type f ! -path "/tmp/*" ! -path "/proc/*" ! -path "/dev/*" | sort > /tmp/before');
	router.run('touch /tmp/now');
	for (const action of ['restart', 'reload', 'stop', 'start', 'reload']) router.service(action);
	const newer = router.run('find / -xdev -newer /tmp/now ! -path "/tmp*" ! -path "/proc*" ! -path "/dev*"').stdout;
	const grown = router.run(
		'find / -xdev -type f ! -path "/tmp/*" ! -path "/proc/*" ! -path "/dev/*" | sort | cmp - /tmp/before',
	);
	assert.equal(newer, '');
	assert.equal(grown.code, 0);
});

withRouter(
	'it needs no edit where nikki or OpenClash is there: their port and secret are in what the agent reads',
	(router) => {
		const options = { api_listen: '[::]:9090', api_secret: 'of nikki' };
		router.setUci('nikki', [
			{ type: 'config', name: 'config', options: { enabled: '1' } },
			{ type: 'mixin', name: 'mixin', options },
		]);
		router.install(ipk);
		const records = said(router);
		assert.ok(records.includes('procd started'));
		assert.ok(!records.some((one) => one.startsWith('log ')), 'nothing is asked of the user');
		assert.match(
			router.read('var/run/netmon/config'),
			/clash_url 'ws:\/\/127\.0\.0\.1:9090\/connections'\n\toption mihomo_token 'of nikki'/,
		);
	},
);

withRouter('it is installed on a full overlay, where its folder cannot be made, and counts in memory', (router) => {
	router.write('etc/netmon', 'in the way');
	assert.deepEqual(router.install(ipk), fine);
	const records = said(router);
	assert.ok(records.some((one) => /persist_dir: \/etc\/netmon cannot be made/.test(one)));
	assert.ok(records.includes('procd started'));
	assert.ok(!router.read('var/run/netmon/config').includes('persist_dir'));
});
