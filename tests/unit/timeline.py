"""A timeline item in the shape of the vendor's samples, made to measure."""

import json
from typing import Any

START = "2023-06-04T08:00:00Z"
Item = dict[str, Any]  # JSON, of any shape that a test wants


def item(start: str = START, contract: str = "user-1", **others: Any) -> Item:
    return {
        "productId": 1000,
        "contractId": contract,
        "startTs": start,
        "endTs": "2023-06-04T08:30:00Z",
        "type": "DRIVING",
        "features": {
            "startLocation": {"lat": 48.2, "lon": 16.3},
            "drivingBehaviorEvents": {
                "events": [
                    {"time": 1685865700, "type": "BRAKING", "strength": 2, "lat": 48.2, "lon": 16.3}
                ],
                "validTime": 1500,
            },
            "phoneDistractions": {
                "distractions": [
                    {
                        "type": "PHONE_CALL",
                        "start": "2023-06-04T08:10:00Z",
                        "end": "2023-06-04T08:11:00Z",
                    }
                ],
                "secondsPerType": {"PHONE_CALL": 60, "SWIPE_AND_TYPE": 0},
            },
            "scores": {"SPEED": 63, "BRAKING": 73},
        },
        **others,
    }


def encoded(*items: Item) -> bytes:
    return json.dumps(items).encode()


def notification(*starts: str, contract: str = "user-1", type_: str = "DRIVING") -> bytes:
    told = [
        {
            "productId": 1000,
            "contractId": contract,
            "startTime": start,
            "endTime": "2023-06-04T08:30:00Z",
            "type": type_,
        }
        for start in starts
    ]
    return json.dumps({"items": told}).encode()
