"""Trips and collisions in the fields that the vendor documents, each call in its own."""

from tests.sandbox.simulators import routes
from tests.sandbox.simulators.chance import chance, share
from tests.sandbox.simulators.crashes import Crash
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.trips import DRIVEN, Trip
from tests.sandbox.simulators.zendrive.drivers import epoch_ms, trip_id
from tests.sandbox.simulators.zendrive.events import Event
from tests.sandbox.simulators.zendrive.recording import Json, local, motion

MISSING = "NA"
ANDROID, IOS = "android", "ios"
_DEVICES = {
    ANDROID: ("Google-Pixel 6 Pro", "samsung-SM-S911B", "Xiaomi-2201116SG"),
    IOS: ("Apple-iPhone14,2", "Apple-iPhone15,4"),
}
_VEHICLES = {"car": "Car", "motorcycle": "Motorcycle"}
_IMPACTS = ("FRONT", "REAR", "BROADSIDE", "UNKNOWN")


def platform(person: Person) -> str:
    return IOS if share(person.key, "phone") < 0.4 else ANDROID


def trip(one: Trip, *, missing: str = "") -> Json:
    """`missing` is how a call spells that there is none."""
    start, end, way = trip_id(one), ends_at(one), one.way
    is_driven = one.mode in DRIVEN
    return {
        "start_time": local(start, one.start.tzinfo),
        "end_time": local(end, one.start.tzinfo),
        "trip_id": start,
        "latitude_start": round(way[0].latitude, 7),
        "longitude_start": round(way[0].longitude, 7),
        "latitude_end": round(way[-1].latitude, 7),
        "longitude_end": round(way[-1].longitude, 7),
        "trip_max_speed_kmph": routes.top_speed_kmh(way),
        "duration_seconds": float(one.duration_s),
        "distance_km": one.distance_m / 1000,
        "session_id": missing,
        "tracking_id": missing,
        "insurance_period": MISSING,
        "device_type": device(one.person),
        "platform": platform(one.person),
        "user_mode": one.role or "passenger",
        "drive_type": "driving" if is_driven else "non_driving",
        "vehicle_type": _VEHICLES.get(one.mode, MISSING),
    }


def ends_at(one: Trip) -> int:
    return trip_id(one) + one.duration_s * 1000


def device(person: Person) -> str:
    return chance(person.key, "device").choice(_DEVICES[platform(person)])


def collision(crash: Crash, *, with_motion: bool = True) -> Json:
    """The trigger's moment and the sensor's data, impact included."""
    draw, place = chance(crash.trip.key, "zendrive impact"), crash.place
    moment, g_force = epoch_ms(crash.moment), crash.magnitude_mg / 1000
    speed_mps, is_mild = place.speed_kmh / 3.6, crash.severity in (None, "LOW")
    told: Json = {
        "final_callback_timestamp": moment + draw.randint(110_000, 140_000),
        "confidence_number": crash.confidence,
        "message": MISSING,
        "current_speed_mps": speed_mps,
        "g_force": g_force,
        "heading_degrees": -1 if draw.random() < 0.5 else draw.randrange(360),
        "brake_distance_meters": 3.187e-07 if is_mild else speed_mps * draw.uniform(0.3, 1.5),
        "deceleration_rate_miles_per_hour_per_second": (
            -5.144e-07 if is_mild else -speed_mps * 2.237 * draw.uniform(0.4, 0.9)
        ),
        "airbag_deployed": crash.severity == "HIGH",
        "collision_severity": crash.severity or "UNKNOWN",
        "direction_of_impact": draw.choice(_IMPACTS),
        "latitude": round(place.latitude, 7),
        "longitude": round(place.longitude, 7),
        "confidence": "HIGH" if crash.confidence >= 50 else "LOW",
        "time": local(moment, crash.trip.start.tzinfo),
    }
    return {**told, "motion": list(motion(crash, g_force))} if with_motion else told


def near_collision(one: Trip, trigger: Event) -> Json:
    """Nothing was hit."""
    told, draw = trigger.told, chance(one.key, "near collision")
    return {
        "final_callback_timestamp": trigger.moment_ms + 120_000,
        "confidence_number": draw.randint(5, 30),
        "message": MISSING,
        "current_speed_mps": draw.uniform(3, 15),
        "g_force": draw.uniform(1.0, 2.0),
        "heading_degrees": -1,
        "brake_distance_meters": draw.uniform(2, 12),
        "deceleration_rate_miles_per_hour_per_second": -draw.uniform(8, 15),
        "airbag_deployed": False,
        "collision_severity": "UNKNOWN",
        "direction_of_impact": "UNKNOWN",
        "latitude": told["latitude_start"],
        "longitude": told["longitude_start"],
        "confidence": "LOW",
        "time": told["start_time"],
        "motion": [],
    }
