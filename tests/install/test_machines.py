"""The recipes in assets/vm, as far as they can be judged without their tools. The cloud-init one is started in tests/vm."""

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

import pytest
import yaml

PROJECT: Final = Path(__file__).parents[2]
RECIPES: Final = PROJECT / "assets/vm"
FILES: Final = [*sorted(RECIPES.iterdir()), PROJECT / "Containerfile"]
INSTALL: Final = "sh /nsplay/assets/vm/install"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_names_no_address(path: Path) -> None:
    """Images come by the tools' own names for them; nsplay from the checkout that the recipe lies in."""
    assert not re.search(r"(?<!template)://", path.read_text())


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix != ".md"], ids=lambda path: path.name)
def test_it_installs_in_the_one_way_there_is(path: Path) -> None:
    if path.name not in ("install", "pack", "seed"):
        assert INSTALL in path.read_text()


def test_what_is_carried_into_a_machine_is_what_the_package_is_made_of(tmp_path: Path) -> None:
    subprocess.run(["sh", RECIPES / "pack", "nsplay.tar"], cwd=tmp_path, check=True)
    with tarfile.open(tmp_path / "nsplay.tar") as tar:
        tar.extractall(tmp_path / "there", filter="data")
    there = tmp_path / "there"
    assert (there / "assets/vm/install").exists()
    assert not [*there.rglob("__pycache__"), *there.rglob("*.pyc")]
    if shutil.which("dpkg-deb"):
        subprocess.run(
            [sys.executable, "-S", there / "tools/deb.py", tmp_path], check=True
        )  # no library is there yet
        assert len([*tmp_path.glob("*.deb")]) == 1


def test_lima_gets_the_checkout_where_it_is_looked_for() -> None:
    recipe = yaml.safe_load((RECIPES / "lima.yaml").read_text())
    assert recipe["base"].startswith("template://")
    assert [mount["mountPoint"] for mount in recipe["mounts"]] == ["/nsplay"]
    assert [step["mode"] for step in recipe["provision"]] == ["system"]
    assert recipe["provision"][0]["script"].startswith("#!/bin/sh\n")


def test_cloud_init_reads_what_it_is_told() -> None:
    text = (RECIPES / "cloud-init.yaml").read_text()
    assert text.startswith("#cloud-config\n")  # else it is taken for nothing
    recipe = yaml.safe_load(text)
    assert recipe["users"][0] == "default"  # the image's own user, whom Multipass logs in as
    assert recipe["ssh_pwauth"] is False  # its user has a password that everybody knows
    for command in recipe["runcmd"]:
        subprocess.run(["sh", "-n"], input=command, text=True, check=True)


def test_the_containers_recipe_copies_what_the_package_is_made_of() -> None:
    copied = re.findall(r"^COPY (.*) /nsplay", (PROJECT / "Containerfile").read_text(), re.MULTILINE)
    packed = re.search(r"tar .* -cf \S+ (.*)$", (RECIPES / "pack").read_text(), re.MULTILINE)
    assert packed
    assert {name.removesuffix("/install") for row in copied for name in row.split()} == set(packed[1].split())


def test_vagrant_can_read_it() -> None:
    if not shutil.which("ruby"):
        pytest.skip("needs ruby")
    subprocess.run(["ruby", "-c", RECIPES / "Vagrantfile"], check=True, stdout=subprocess.DEVNULL)
