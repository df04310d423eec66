"""A function that recommends starts without numpy: only the trainer's layer has it."""

import subprocess
import sys


def test_reading_and_recommending_need_no_numpy() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "import recommender.adapters.model_file, recommender.domain.recommend\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
