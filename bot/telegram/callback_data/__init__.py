"""What a button means: small typed values, and their form in the 64 bytes Telegram allows."""

from bot.telegram.callback_data.agreement import *  # noqa: F403
from bot.telegram.callback_data.check_ins import *  # noqa: F403
from bot.telegram.callback_data.codec import *  # noqa: F403
from bot.telegram.callback_data.general import *  # noqa: F403
from bot.telegram.callback_data.nudges import *  # noqa: F403
from bot.telegram.callback_data.own import *  # noqa: F403
from bot.telegram.callback_data.partners import *  # noqa: F403
from bot.telegram.callback_data.privacy import *  # noqa: F403
from bot.telegram.callback_data.reminders import *  # noqa: F403
from bot.telegram.callback_data.space import *  # noqa: F403
from bot.telegram.callback_data.together import *  # noqa: F403
from bot.telegram.callback_data.topics import *  # noqa: F403
from bot.telegram.callback_data.trends import *  # noqa: F403
from bot.telegram.callback_data.waiting import *  # noqa: F403
