#!/usr/bin/env bash
# Installs what the tests need where it is missing: on Debian and Ubuntu as
# root; elsewhere it says what to install. Nothing is skipped silently.
set -euo pipefail

missing=()
command -v git >/dev/null || missing+=(git)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing+=(postgresql)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v zsh >/dev/null || missing+=(zsh)
command -v fish >/dev/null || missing+=(fish)
command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] || missing+=(openssh-server)
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" fonts-liberation >/dev/null
  else
    echo "steward: the tests need: ${missing[*]}" >&2
    echo "steward: install them (Debian and Ubuntu: sudo apt-get install ${missing[*]}) and run make test again" >&2
    exit 3
  fi
fi
command -v go >/dev/null || { echo "steward: the tests need Go 1.26 or later" >&2; exit 3; }
