// SPDX-License-Identifier: Apache-2.0
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import pkg from './package.json' with { type: 'json' };

export default defineConfig({
	plugins: [
		sveltekit({
			// One page answers every address; the edge serves it for what is not a file.
			adapter: adapter({ fallback: 'index.html', precompress: true }),
			csp: {
				mode: 'hash',
				directives: {
					'default-src': ['none'],
					'script-src': ['self'],
					'style-src': ['self'],
					// The one style attribute there is: SvelteKit's announcer of page titles.
					'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
					'img-src': ['self'],
					'connect-src': ['self'],
					'manifest-src': ['self'],
					'base-uri': ['none'],
					'form-action': ['self'],
					'require-trusted-types-for': ['script'],
					'trusted-types': ['svelte-trusted-html']
				}
			},
			// Not the time of the build: two builds of one commit are the same bytes.
			version: { name: pkg.version }
		})
	],
	build: { assetsInlineLimit: 0, reportCompressedSize: false },
	logLevel: 'warn'
});
