# SPDX-License-Identifier: Apache-2.0
# The door; the work is in meson.build and tools/.
.PHONY: all run test test-long check asan fuzz bench fmt lint web clean
all:
	@tools/build
run:
	@tools/run
test:
	@tools/test
test-long:
	@tools/test-long
check:
	@tools/check
asan:
	@tools/asan
fuzz:
	@tools/fuzz 20
bench: all
	@tools/bench
	@tools/bench-audit
fmt:
	@git ls-files '*.c' '*.h' | xargs clang-format -i
lint:
	@tools/lint
web:
	@tools/web
clean:
	rm -rf build build-asan build-clang build-fuzz web/build web/.svelte-kit
