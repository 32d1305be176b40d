// Written by `npm run api` out of appliance/api/openapi.json; never by hand.

export interface paths {
    "/api/v1/alarm-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of alarms, the newest entry first; those whose time nobody knows come last.
         * @description A person who may `see_alarm_log`: nurse, senior_nurse, doctor, privacy_officer, auditor.
         */
        get: operations["alarm_log.log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarm-log.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A table as a file; one that is not all says so in its name.
         * @description A person who may `see_alarm_log`: nurse, senior_nurse, doctor, privacy_officer, auditor.
         */
        get: operations["alarm_log.table"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarm-log/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the log counts over a stretch of time.
         * @description A person who may `see_alarm_log`: nurse, senior_nurse, doctor, privacy_officer, auditor.
         */
        get: operations["alarm_log.figures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarm-log/week": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the log counts over a stretch of time.
         * @description A person who may `see_alarm_log`: nurse, senior_nurse, doctor, privacy_officer, auditor.
         */
        get: operations["alarm_log.week"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarms/{id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `acknowledge`: nurse, senior_nurse, doctor. */
        post: operations["alarms.acknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was done and refused, the newest first.
         * @description A person who may `see_audit`: privacy_officer, auditor.
         */
        get: operations["audit.audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A table as a file; one that is not all says so in its name.
         * @description A person who may `see_audit`: privacy_officer, auditor.
         */
        get: operations["audit.table"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/care": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What decides which score counts: one of the two at a time.
         * @description A person who may `observe`: nurse, senior_nurse, doctor.
         */
        post: operations["scores.care"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/discharge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A patient leaves the post.
         * @description A person who may `admit`: nurse, senior_nurse, doctor.
         */
        post: operations["moves.discharge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/earlier": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The stays that are over.
         * @description A person who may `see_chart`: nurse, senior_nurse, doctor.
         */
        get: operations["moves.earlier"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/identify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Who lies in a bed; what is not known is left out.
         * @description A person who may `admit`: nurse, senior_nurse, doctor.
         */
        post: operations["patients.identify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The limits at a bed.
         * @description A person who may `see_chart`: nurse, senior_nurse, doctor.
         */
        get: operations["signals.limits"];
        put?: never;
        /**
         * The limits of one value, for whoever lies there.
         * @description A person who may `set_limits`: nurse, senior_nurse, doctor.
         */
        post: operations["signals.set_limits"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Whoever lies in the bed, mostly somebody whom nobody knew, is the patient of an earlier stay. From then on the bed's stay
         *     is the earlier one; what was recorded is not rewritten, and both count as one patient's.
         * @description A person who may `merge`: senior_nurse, doctor.
         */
        post: operations["merge.merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/note": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A note about whoever lies there; the answer is its name.
         * @description A person who may `write_note`: nurse, senior_nurse, doctor.
         */
        post: operations["nursing.write"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/note/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A note was wrong, and is crossed out.
         * @description A person who may `write_note`: nurse, senior_nurse, doctor.
         */
        post: operations["nursing.withdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/observe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a person found at the bedside; what nobody looked at is left out.
         * @description A person who may `observe`: nurse, senior_nurse, doctor.
         */
        post: operations["scores.observe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/patient": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whoever lies in a bed now.
         * @description A person who may `see_chart`: nurse, senior_nurse, doctor.
         */
        get: operations["patients.patient"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The sound of what calls now rests for a time.
         * @description A person who may `pause_sound`: nurse, senior_nurse, doctor.
         */
        post: operations["signals.pause_bed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/rest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The sound, or all signals of a procedure, rest.
         * @description A person who may `rest_signals`: senior_nurse, doctor.
         */
        post: operations["signals.rest_bed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `pause_sound`: nurse, senior_nurse, doctor. */
        post: operations["signals.resume_bed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/same-patient": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A bed was not heard for long: who lies there now. Until then nothing else can be said of whoever lies there.
         * @description A person who may `admit`: nurse, senior_nurse, doctor.
         */
        post: operations["absence.answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/specimen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A specimen was taken: results that name it are of whoever lies there.
         * @description A person who may `admit`: nurse, senior_nurse, doctor.
         */
        post: operations["patients.specimen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/spo2-scale": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * By which scale of saturations a patient is scored.
         * @description A person who may `set_spo2_scale`: senior_nurse, doctor.
         */
        post: operations["scores.scale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A patient goes to another bed.
         * @description A person who may `admit`: nurse, senior_nurse, doctor.
         */
        post: operations["moves.transfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/beds/{bed}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An entry was wrong, and counts no more.
         * @description A person who may `observe`: nurse, senior_nurse, doctor.
         */
        post: operations["scores.withdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A person begins with the code that they were given, and is signed in.
         * @description Nobody has to be signed in.
         */
        post: operations["session.begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/begin/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A person who was given a code asks what it takes to begin.
         * @description Nobody has to be signed in.
         */
        post: operations["session.begin_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The first account of a post, made by whoever has the code that the box shows.
         * @description Nobody has to be signed in.
         */
        post: operations["session.claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The devices that may stand at a bed: laboratories are left out.
         * @description A person who may `bind`: nurse, senior_nurse, doctor, technician.
         */
        get: operations["devices.devices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{device}/bind": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A device stands elsewhere from now on.
         * @description A person who may `bind`: nurse, senior_nurse, doctor, technician.
         */
        post: operations["devices.bind"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/emergencies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The emergencies, the newest first.
         * @description A person who may `review_emergency`: privacy_officer.
         */
        get: operations["emergencies.emergencies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/emergencies/{id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `review_emergency`: privacy_officer. */
        post: operations["emergencies.review"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/emergency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A chart is opened in an emergency; somebody else looks at it afterwards.
         * @description A person who may `open_emergency`: viewer, nurse, senior_nurse, doctor, technician.
         */
        post: operations["emergencies.open"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/fitting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What can be added here.
         * @description A person who may `fit_lines`: technician.
         */
        get: operations["fitting.fitting"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/fitting/trial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a trial stands.
         * @description A person who may `fit_lines`: technician.
         */
        get: operations["fitting.look"];
        put?: never;
        /**
         * A port is tried, or it is heard who announces himself; one at a time. It ends when nobody has looked for ten seconds.
         * @description A person who may `fit_lines`: technician.
         */
        post: operations["fitting.begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/fitting/trial/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `fit_lines`: technician. */
        post: operations["fitting.end"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/handover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What there is to hand over now.
         * @description A person who may `hand_over`: nurse, senior_nurse, doctor.
         */
        get: operations["handover.draw"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/handovers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The handovers, the newest first, without what they say.
         * @description A person who may `see_chart`: nurse, senior_nurse, doctor.
         */
        get: operations["handover.list"];
        put?: never;
        /**
         * What was shown is handed over, by who it was shown to, within half an hour.
         * @description A person who may `hand_over`: nurse, senior_nurse, doctor.
         */
        post: operations["handover.offer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/handovers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A handover with what it says.
         * @description A person who may `see_chart`: nurse, senior_nurse, doctor.
         */
        get: operations["handover.read"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/handovers/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The ward is taken over. Where more has changed than the person was told it is refused, as it is for who handed over.
         * @description A person who may `hand_over`: nurse, senior_nurse, doctor.
         */
        post: operations["handover.accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/laboratory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The results that are nobody's.
         * @description A person who may `see_chart`: nurse, senior_nurse, doctor.
         */
        get: operations["laboratory.laboratory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/laboratory/assign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Results are of whoever lies in a bed, also such as stand with the wrong patient.
         * @description A person who may `assign_result`: nurse, senior_nurse, doctor.
         */
        post: operations["laboratory.assign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/laboratory/set-aside": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Results are of nobody here.
         * @description A person who may `assign_result`: nurse, senior_nurse, doctor.
         */
        post: operations["laboratory.set_aside"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The lines: those of the configuration in its order, then those that were added at the page.
         * @description A person who may `see_lines`: senior_nurse, technician.
         */
        get: operations["lines.lines"];
        put?: never;
        /**
         * What a trial has found is added as a line.
         * @description A person who may `fit_lines`: technician.
         */
        post: operations["fitting.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lines/{line}/record": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the line heard, as the file of a capture.
         * @description A person who may `fit_lines`: technician.
         */
        get: operations["fitting.recorded"];
        put?: never;
        /**
         * What a line hears is recorded.
         * @description A person who may `fit_lines`: technician.
         */
        post: operations["fitting.record"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lines/{line}/record/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `fit_lines`: technician. */
        post: operations["fitting.end_record"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lines/{line}/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `fit_lines`: technician. */
        post: operations["fitting.remove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is shown, and each change of it from then on.
         * @description A screen of the ward, or a person who is signed in.
         */
        get: operations["socket.live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `read_message`: nurse, senior_nurse, doctor. */
        post: operations["messages.read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document.
         * @description Nobody has to be signed in.
         */
        get: operations["document.document"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The sound of what calls now rests for a time.
         * @description A person who may `pause_sound`: nurse, senior_nurse, doctor.
         */
        post: operations["signals.pause_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The accounts of the post.
         * @description A person who may `manage_people`: senior_nurse.
         */
        get: operations["people.people"];
        put?: never;
        /**
         * A new account; the answer has the code with which the person begins.
         * @description A person who may `manage_people`: senior_nurse.
         */
        post: operations["people.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `manage_people`: senior_nurse. */
        post: operations["people.disable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `manage_people`: senior_nurse. */
        post: operations["people.enable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{id}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A code with which a person begins; it is told once.
         * @description A person who may `manage_people`: senior_nurse.
         */
        post: operations["people.reset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An account has other roles from now on.
         * @description A person who may `manage_people`: senior_nurse.
         */
        post: operations["people.set_roles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The sound, or all signals of a procedure, rest.
         * @description A person who may `rest_signals`: senior_nurse, doctor.
         */
        post: operations["signals.rest_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `pause_sound`: nurse, senior_nurse, doctor. */
        post: operations["signals.resume_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/screens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The screens of the ward.
         * @description A person who may `register_screen`: senior_nurse, technician.
         */
        get: operations["screens.screens"];
        put?: never;
        /**
         * The browser that asks is a screen of the ward from now on.
         * @description A person who may `register_screen`: senior_nurse, technician.
         */
        post: operations["screens.register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/screens/{id}/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** @description A person who may `register_screen`: senior_nurse, technician. */
        post: operations["screens.forget"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/self-test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The self-tests.
         * @description A person who may `see_lines`: senior_nurse, technician.
         */
        get: operations["self_test.runs"];
        put?: never;
        /**
         * A self-test has begun: the box plays its test tone.
         * @description A person who may `self_test`: senior_nurse, technician.
         */
        post: operations["self_test.begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/self-test/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A self-test that was signed, with what it found.
         * @description A person who may `see_lines`: senior_nurse, technician.
         */
        get: operations["self_test.kept"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/self-test/sign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A self-test is kept under the name of whoever is signed in.
         * @description A person who may `self_test`: senior_nurse, technician.
         */
        post: operations["self_test.sign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is signed in here.
         * @description Nobody has to be signed in.
         */
        get: operations["session.session"];
        put?: never;
        /**
         * A person signs in: with a password, or with a PIN on a screen of the ward. 401 with `needs` when the six digits are
         *     needed as well.
         * @description Nobody has to be signed in.
         */
        post: operations["session.sign_in"];
        /**
         * Who is signed in here.
         * @description Nobody has to be signed in.
         */
        delete: operations["session.sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How the box is now; nothing is tried for it.
         * @description A person who may `see_lines`: senior_nurse, technician.
         */
        get: operations["self_test.system"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One value over a stretch of time.
         * @description A person who may `see_chart`: nurse, senior_nurse, doctor.
         */
        get: operations["trend.trend"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ward": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The snapshot alone.
         * @description A screen of the ward, or a person who is signed in.
         */
        get: operations["socket.ward"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Why a value is absent. */
        AbsentReason: "not_measured" | "probe_off" | "searching" | "sensor_fault" | "implausible" | "not_available";
        /** @description One account. */
        Account: {
            /** @description They have set what they sign in with. */
            begun: boolean;
            disabled: boolean;
            id: components["schemas"]["PersonId"];
            name: string;
            roles: components["schemas"]["Role"][];
        };
        /** @description What was added. */
        AddedLine: {
            /** @description The line's id. */
            line: string;
        };
        /** @description What a trial has found is added as a line. */
        AddingLine: {
            /** @description Where it stands; none = at no bed. */
            bed?: components["schemas"]["BedId"] | null;
            /** @description What the pages call it. */
            device: components["schemas"]["DeviceId"];
            /**
             * Format: uint64
             * @description The trial that found it.
             */
            number: number;
        };
        /** @description One stay of one patient at the post; carries no name. */
        AdmissionId: string;
        /** @description An alarm that is not over. */
        Alarm: {
            /** @description Who acknowledged it here. */
            acknowledged_by: string | null;
            /**
             * Format: uint64
             * @description When it came back after it had been over, last; none = never, or before this start.
             */
            again_ms: number | null;
            /** @description At which bed. */
            bed: components["schemas"]["BedId"] | null;
            /**
             * Format: uint64
             * @description Of an acknowledged one: when it calls again if its condition then still holds; none = it does not.
             */
            calls_again_ms: number | null;
            /** @description What alarms. */
            condition: components["schemas"]["Condition"];
            /**
             * Format: uint64
             * @description When the condition began; none when that was in an earlier boot.
             */
            crossed_ms: number | null;
            /** @description How far it got: on the way to the centre its latest change, beyond that what doctors did. */
            delivery: components["schemas"]["Delivery"];
            /**
             * Format: uint64
             * @description Since when; none when that was in an earlier boot, or is not known.
             */
            delivery_ms: number | null;
            /** @description From which device, for alarms of one. */
            device: components["schemas"]["DeviceId"] | null;
            /** @description It is about whoever lay in that bed before. */
            earlier_patient: boolean;
            /** @description It is to flash now. */
            flashes: boolean;
            /** @description Its id. */
            id: components["schemas"]["AlarmId"];
            /** @description Patient or equipment. */
            kind: components["schemas"]["AlarmKind"];
            /** @description The limit crossed. */
            limit: components["schemas"]["Decimal"] | null;
            /**
             * Format: uint64
             * @description When it was announced; none when that was in an earlier boot.
             */
            onset_ms: number | null;
            /**
             * Format: uint32
             * @description How often it was announced.
             */
            onsets: number;
            /** @description Where it is in its life. */
            phase: components["schemas"]["AlarmPhase"];
            /** @description How urgent. */
            priority: components["schemas"]["Priority"];
            /** @description It calls although somebody had acknowledged it; none = nobody had, or that was before this start. */
            recalled: components["schemas"]["Recalled"] | null;
            /** @description Who at the centre answers for it now. */
            responsible: components["schemas"]["Responsible"] | null;
            /** @description Who saw it at the centre. */
            seen: components["schemas"]["SeenMark"][];
            /** @description It is to be heard now: nobody has acknowledged it, and no pause covers it. */
            sounds: boolean;
            /** @description Every step of that, in order. */
            steps: components["schemas"]["Step"][];
            /** @description What its map calls a value about the post, or the test of a laboratory result; may be empty. */
            text: string;
            /** @description For `alarm_undelivered`: where those alarms are, in the words of the tiles. */
            undelivered: string[];
            /** @description Unit of both for a value about the post or of a laboratory; else empty. */
            unit: string;
            /** @description Worst value so far. */
            value: components["schemas"]["Decimal"] | null;
        };
        /** @description One alarm: the epoch in which it began (16 hexadecimal digits), '-', its number. */
        AlarmId: string;
        /** @description Whether an alarm is about a patient or about the equipment. */
        AlarmKind: "physiological" | "technical";
        /** @description The log of alarms, the newest entry first; those whose time nobody knows come last. */
        AlarmLog: {
            entries: components["schemas"]["LogEntry"][];
            /** @description There is more. */
            more: boolean;
            /**
             * Format: int64
             * @description Nothing before that moment was read, in ms since 1970: ask again with it as `to`. Null = all that was asked for.
             */
            read_from: number | null;
        };
        /** @description Where an alarm is in its life. */
        AlarmPhase: "active" | "acknowledged" | "latched" | "ended";
        /** @description A monitor that announced itself. */
        AnnouncedShown: {
            /** @description Where it is to be asked. */
            address: string;
            /** @description The bed that it says it belongs to. */
            bed_label: string;
            /** @description What it is. */
            family: string;
            /** @description The line that has it. */
            line: string | null;
        };
        /** @description Results are of whoever lies in a bed, also such as stand with the wrong patient. */
        Assigning: {
            bed: components["schemas"]["BedId"];
            results: components["schemas"]["LabId"][];
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
        };
        /** @description What was done and refused, the newest first. */
        Audit: {
            entries: components["schemas"]["AuditEntry"][];
            /** @description There is more: ask again with a `to`. */
            more: boolean;
        };
        /** @description One entry of the audit. */
        AuditEntry: {
            /** @description What, by its key. */
            action: string;
            /** @description What it is after, or why it was refused. */
            after: string | null;
            /** @description What it was before, where something changed. */
            before: string | null;
            /** @description From which screen or address. */
            from: string;
            /**
             * Format: uint64
             * @description Its place in the chain.
             */
            number: number;
            outcome: components["schemas"]["Outcome"];
            /** @description On what: `kind:id`, several with a blank between. */
            subject: string;
            /** @description How far that is to be trusted. */
            trust: components["schemas"]["ClockTrust"];
            /**
             * Format: int64
             * @description When, in ms since 1970; null when nobody knew the time.
             */
            wall: number | null;
            who: components["schemas"]["Who"];
        };
        /**
         * @description What a NEWS2 total asks for.
         * @enum {string}
         */
        Band: "low" | "low-medium" | "medium" | "high";
        /** @description One bed, whole. */
        Bed: {
            /** @description Age group of whoever lies there. */
            category: components["schemas"]["Category"];
            /** @description The device at the bed. */
            device: components["schemas"]["DeviceId"] | null;
            /** @description What its devices say of their own alarms; none = none of them ever said anything about alarms. */
            device_alarms: components["schemas"]["DeviceAlarms"] | null;
            /**
             * Format: int64
             * @description How many milliseconds that device's own clock is behind the post's; negative = ahead; none = it sends no time.
             */
            device_clock_ms: number | null;
            /** @description Its id. */
            id: components["schemas"]["BedId"];
            /** @description What stands on the tile. */
            label: string;
            /** @description Whether that device is heard. */
            link: components["schemas"]["DeviceLink"] | null;
            /** @description Why its port is closed. */
            link_reason: string | null;
            /**
             * Format: uint64
             * @description Since when.
             */
            link_since_ms: number | null;
            /** @description Who lies there, in as few words as a wall may show. */
            patient: components["schemas"]["BedPatient"];
            /** @description The early-warning score of whoever lies there; none = nobody does, or nothing was computed yet. */
            score: components["schemas"]["Score"] | null;
            /** @description Latest values. */
            values: components["schemas"]["BedValue"][];
        };
        /** @description A bed at a post, spelled like a post. */
        BedId: string;
        /** @description Who lies in a bed, for everybody to see. */
        BedPatient: {
            /** @description The stay. */
            admission: components["schemas"]["AdmissionId"];
            /** @description First letters; empty where no name is known. */
            initials: string;
            /** @description Somebody said who it is. */
            known: boolean;
            /** @description The bed was not heard for long, and nobody has said yet whether it is still the same patient. */
            perhaps: components["schemas"]["PerhapsHere"] | null;
            /**
             * Format: uint
             * @description Laboratory results that are shown.
             */
            results: number;
            /**
             * Format: uint64
             * @description Changes with everything that `GET /api/v1/beds/{bed}/patient` answers.
             */
            revision: number;
            /** @description Nobody lies there. */
            vacant: boolean;
        };
        /** @description One value of a bed. */
        BedValue: {
            /**
             * Format: uint64
             * @description When it was heard.
             */
            at_ms: number;
            /** @description What. */
            code: components["schemas"]["Code"];
            /** @description Upper alarm limit in force. */
            high: components["schemas"]["Decimal"] | null;
            /** @description How it is measured. */
            kind: components["schemas"]["ValueKind"];
            /** @description What stands beside the number. */
            label: string;
            /** @description The last number before it turned absent. */
            last_value: components["schemas"]["LastValue"] | null;
            /** @description Lower alarm limit in force. */
            low: components["schemas"]["Decimal"] | null;
            /** @description How far to trust it. */
            quality: components["schemas"]["Quality"];
            /** @description Why it is absent. */
            reason: components["schemas"]["AbsentReason"] | null;
            /** @description UCUM unit. */
            unit: string;
            /** @description The number, as the device sent it; none = absent. */
            value: components["schemas"]["Decimal"] | null;
        };
        /** @description A person begins with the code that they were given, and is signed in. */
        Begin: {
            /** @description The code that they were given. */
            code: string;
            /** @description Six digits, made of the second factor, where one is needed. */
            digits?: string | null;
            password: string;
            /** @description Their account. */
            person: string;
            /** @description For the screens of the ward. */
            pin?: string | null;
        };
        /** @description A code with which a person begins; it is told once. */
        BeginCode: {
            code: string;
        };
        /** @description What it takes to begin. */
        Beginning: {
            /** @description What people call the person. */
            name: string;
            /** @description Their roles need a second factor. */
            needs_second: boolean;
            second: components["schemas"]["Second"] | null;
        };
        /** @description What was heard in one bucket. */
        Bucket: {
            /**
             * Format: uint64
             * @description Readings without one (I5).
             */
            absent: number;
            /**
             * Format: uint64
             * @description Readings with a number.
             */
            count: number;
            highest: components["schemas"]["Decimal"] | null;
            /** @description As measured; null when no reading had a number. */
            lowest: components["schemas"]["Decimal"] | null;
            mean: components["schemas"]["Decimal"] | null;
        };
        /** @description What a person measured last. */
        ByHand: {
            /**
             * Format: int64
             * @description When it was found; negative: before this boot.
             */
            at_ms: number;
            /** @description Who found it. */
            by: string;
            /** @description What it is, as an entry calls it: `temp`, `sbp`, `dbp`, `pulse`, `rr` or `spo2`. */
            key: string;
            /** @description Its UCUM unit. */
            unit: string;
            /** @description The number. */
            value: components["schemas"]["Decimal"];
        };
        /** @description What was said that decides which score counts; none = nobody said anything. */
        CareShown: {
            /** @description The patient has a pacemaker. */
            paced: components["schemas"]["Said_boolean"] | null;
            /** @description Whether a pregnancy decides which score applies. */
            pregnancy: components["schemas"]["Said_Pregnancy"] | null;
            /** @description 1 or 2. */
            spo2_scale: components["schemas"]["Said_uint8"] | null;
        };
        /** @description What decides which score counts: one of the two at a time. */
        Caring: {
            /** @description The patient has a pacemaker. */
            paced?: boolean | null;
            pregnancy?: components["schemas"]["Pregnancy"] | null;
            /** @description The stay that the person saw. */
            saw: components["schemas"]["AdmissionId"];
        };
        /** @description Age group that decides limits and scores. */
        Category: "adult" | "child" | "neonate";
        /** @description The way to the doctors. */
        Centre: {
            /** @description What people call the centre. */
            name: string | null;
            /** @description What is wrong with the way there. */
            problem: string | null;
            /**
             * Format: uint64
             * @description Since when.
             */
            since_ms: number;
            /** @description How it stands. */
            state: components["schemas"]["WayState"];
            /**
             * Format: uint64
             * @description Records that the centre has not confirmed.
             */
            waiting: number;
        };
        /** @description Whether these are words about whoever lay there, or about somebody else. */
        Change: "same" | "new";
        /** @description Why something is new at a bed. */
        ChangedWhy: "alarm" | "note" | "patient" | "unknown";
        /** @description A person who was given a code asks what it takes to begin. */
        Check: {
            /** @description The code that they were given. */
            code: string;
            /** @description Their account. */
            person: string;
        };
        /** @description The first account of a post, made by whoever has the code that the box shows. */
        Claim: {
            /** @description The code that the box shows. */
            code: string;
            /** @description What people call them. */
            name: string;
            password: string;
            /** @description The new account. */
            person: string;
            /** @description For the screens of the ward. */
            pin?: string | null;
        };
        /** @description The two clocks. */
        Clocks: {
            /** @description How far to trust it. */
            clock_trust: components["schemas"]["ClockTrust"];
            /**
             * Format: uint64
             * @description Monotonic now.
             */
            now_ms: number;
            /**
             * Format: int64
             * @description Wall clock now.
             */
            wall_ms: number | null;
        };
        /** @description How far a wall time may be believed. */
        ClockTrust: "untrusted" | "holdover" | "synchronised";
        /**
         * @description What is measured, by its key.
         * @example hr
         * @example pr
         * @example pr_nibp
         * @example pr_abp
         * @example spo2
         * @example pi
         * @example rr
         * @example rr_imp
         * @example rr_co2
         * @example rr_aw
         * @example etco2
         * @example nibp_s
         * @example nibp_d
         * @example nibp_m
         * @example abp_s
         * @example abp_d
         * @example abp_m
         * @example cvp_m
         * @example temp
         * @example temp_body
         * @example temp_core
         * @example temp_skin
         * @example temp_rect
         * @example temp_oral
         * @example temp_tymp
         * @example temp_axil
         * @example fio2
         * @example mv
         * @example tv
         * @example peep
         * @example ppeak
         * @example ecg_i
         * @example ecg_ii
         * @example ecg_iii
         * @example ecg_avr
         * @example ecg_avl
         * @example ecg_avf
         * @example ecg_v
         * @example pleth
         * @example resp
         * @example abp
         * @example cvp
         * @example co2
         * @example paw
         * @example flow
         */
        Code: string;
        /** @description What alarms, such as `limit.spo2.low`; the part before the first dot says what kind. */
        Condition: string;
        /**
         * @description Alert, newly confused, responds to voice, to pain, unresponsive.
         * @enum {string}
         */
        Consciousness: "A" | "C" | "V" | "P" | "U";
        /** @description How often something alarmed. */
        Counted: {
            /** Format: uint32 */
            alarms: number;
            /**
             * Format: uint32
             * @description How often they were announced.
             */
            announced: number;
            /** Format: double */
            per_bed_day: number | null;
            /**
             * Format: double
             * @description How many were over soon and by themselves, of a hundred.
             */
            soon_over_percent: number | null;
        };
        /** @description How many rows are how. */
        Counts: {
            /** Format: uint */
            failed: number;
            /** Format: uint */
            look: number;
            /** Format: uint */
            not_measured: number;
            /** Format: uint */
            ok: number;
        };
        /** @description A number as the device sent it, with its places: `36.80`. */
        Decimal: string;
        /** @description How far an alarm got. */
        Delivery: "no_centre" | components["schemas"]["DeliveryState"];
        /** @description How far an alarm has come, in the order in which it gets there. */
        DeliveryState: "created" | "queued" | "sent" | "at_centre" | "shown" | "read" | "expired" | "rejected" | "lapsed" | "accepted" | "ended" | "superseded";
        /** @description One of them. */
        DeviceAlarm: {
            /** @description Of the patient or of the device. */
            kind: components["schemas"]["AlarmKind"];
            /** @description As the device ranks it. */
            priority: components["schemas"]["Priority"];
            /** @description The device's own words. */
            text: string;
        };
        /** @description The alarms of a bed's own devices, in the devices' words. */
        DeviceAlarms: {
            /** @description False: a device that tells its alarms is not heard now, so there may be more. */
            complete: boolean;
            /** @description Present now, most urgent first. */
            present: components["schemas"]["DeviceAlarm"][];
        };
        /** @description A monitor or sensor at a post, spelled like a post. */
        DeviceId: string;
        /** @description Whether a device can be heard at all. */
        DeviceLink: "disconnected" | "silent" | "live";
        /** @description One of them. */
        DeviceNow: {
            /** @description Where it stands; none = at no bed. */
            bed: components["schemas"]["BedId"] | null;
            /** @description Where the configuration has it. */
            home: components["schemas"]["BedId"] | null;
            /** @description Its id. */
            id: components["schemas"]["DeviceId"];
            /** @description Whether it is heard. */
            link: components["schemas"]["DeviceLink"];
            /** @description Who moved it away from home. */
            moved_by: string | null;
        };
        /** @description The devices that may stand at a bed: laboratories are left out. */
        DevicesNow: {
            /** @description In the order of their ids. */
            devices: components["schemas"]["DeviceNow"][];
        };
        /** @description Where a patient goes who is discharged. Source: FHIR R4 Encounter.hospitalization.dischargeDisposition. */
        Disposition: "home" | "hospital" | "died" | "against_advice" | "other";
        /** @description One of them. */
        EarlierStay: {
            /** @description Its name. */
            admission: components["schemas"]["AdmissionId"];
            /** @description The bed, the last one of several. */
            bed: components["schemas"]["BedId"];
            /** @description Where the patient went; none when nobody has said. */
            disposition: components["schemas"]["Disposition"] | null;
            /**
             * Format: int64
             * @description When it began; none when nobody knows.
             */
            from_wall_ms: number | null;
            /** @description Who it was; none = nobody has said. */
            identity: components["schemas"]["Identity"] | null;
            /**
             * Format: int64
             * @description When it ended; none when nobody knows.
             */
            until_wall_ms: number | null;
        };
        /** @description The stays that are over. */
        EarlierStays: {
            /** @description The one that ended last first. */
            stays: components["schemas"]["EarlierStay"][];
        };
        /** @description A pause that ended before its time. */
        EarlyEnd: {
            /** @description The alarm that ended it, where one did. */
            alarm: components["schemas"]["AlarmId"] | null;
            /**
             * Format: uint64
             * @description When.
             */
            at_ms: number;
            /** @description At which bed; none = at the whole post. */
            bed: components["schemas"]["BedId"] | null;
            /**
             * @description What ended it.
             * @enum {string}
             */
            why: "new_alarm" | "another_patient" | "restart";
        };
        /**
         * @description How hard a child works to breathe.
         * @enum {string}
         */
        Effort: "normal" | "mild" | "moderate" | "severe" | "apnoea";
        /** @description The emergencies, the newest first. */
        Emergencies: {
            emergencies: components["schemas"]["Emergency"][];
        };
        /** @description A chart that was opened in an emergency. */
        Emergency: {
            /** @description Of whoever lay there. */
            bed: components["schemas"]["BedId"];
            /** Format: uint64 */
            id: number;
            /** @description Their name. */
            name: string;
            /** @description Who opened it. */
            person: components["schemas"]["PersonId"];
            reason: string;
            /** @description Who has looked at it. */
            reviewed_by: string | null;
            /**
             * Format: int64
             * @description When, in ms since 1970.
             */
            wall: number;
        };
        /** @description The entry is taken. */
        Entered: {
            /** @description Its name. */
            entry: components["schemas"]["EntryId"];
        };
        /** @description An entry: the epoch in which it was made (16 hexadecimal digits), '-', its number. */
        EntryId: string;
        /** @description An entry as a page shows it. */
        EntryShown: {
            /**
             * Format: uint64
             * @description When it was found, in ms of this boot; none when that was in an earlier one.
             */
            at_ms: number | null;
            /** @description Who entered it. */
            by: string;
            /** @description Its name. */
            entry: components["schemas"]["EntryId"];
            /** @description What was found; what nobody looked at is left out. */
            findings: components["schemas"]["Findings"];
            /**
             * Format: int64
             * @description The same by the wall clock; none when nobody knows.
             */
            wall_ms: number | null;
            /** @description Who took it back. */
            withdrawn_by: string | null;
        };
        /** @description A family that can be added here, and how it is joined. */
        Family: {
            family: string;
            models: string;
            title: string;
            ways: components["schemas"]["Way"][];
        };
        /** @description What the log counts over a stretch of time. */
        Figures: {
            /**
             * Format: uint
             * @description Alarms that a person acknowledged.
             */
            acknowledged: number;
            /**
             * Format: double
             * @description The middle of how long that took, in seconds.
             */
            acknowledged_after_s: number | null;
            /**
             * Format: double
             * @description Days on which a bed had somebody in it, all beds together.
             */
            bed_days: number;
            /**
             * Format: uint
             * @description Beds that had somebody in them.
             */
            beds: number;
            by_priority: components["schemas"]["OfPriority"][];
            /**
             * Format: uint
             * @description Entries whose time is not to be trusted.
             */
            doubtful: number;
            /**
             * Format: int64
             * @description In ms since 1970.
             */
            from: number;
            /** @description About the post itself. */
            post: components["schemas"]["OfPost"];
            /** Format: int64 */
            to: number;
            /** @description The conditions that alarmed most. */
            top: components["schemas"]["OfCondition"][];
            total: components["schemas"]["Counted"];
        };
        /** @description What a person found at the bedside; what nobody looked at is left out. */
        Finding: {
            /** @description Capillary refill time in seconds, tenths. */
            capillary_refill?: components["schemas"]["Decimal"] | null;
            /** @description ACVPU. */
            consciousness?: components["schemas"]["Consciousness"] | null;
            /** @description Diastolic blood pressure in mmHg. */
            dbp?: components["schemas"]["Decimal"] | null;
            /** @description Work of breathing. */
            effort?: components["schemas"]["Effort"] | null;
            /**
             * Format: uint32
             * @description How long ago, 0 to 240 minutes.
             */
            minutes_ago?: number | null;
            /** @description Air or oxygen. */
            oxygen?: components["schemas"]["Oxygen"] | null;
            /** @description Pain, 0 (none) to 3 (severe). */
            pain?: components["schemas"]["Decimal"] | null;
            /** @description Beats per minute, counted. */
            pulse?: components["schemas"]["Decimal"] | null;
            /** @description Breaths per minute, counted. */
            rr?: components["schemas"]["Decimal"] | null;
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
            /** @description Systolic blood pressure in mmHg. */
            sbp?: components["schemas"]["Decimal"] | null;
            /** @description Oxygen saturation in %, from a device that is not connected. */
            spo2?: components["schemas"]["Decimal"] | null;
            /** @description Temperature in degrees Celsius, tenths. */
            temp?: components["schemas"]["Decimal"] | null;
        };
        /** @description What was found. `None`: not looked at; it is never filled in. */
        Findings: {
            /** @description Capillary refill time in seconds, tenths. */
            capillary_refill?: components["schemas"]["Decimal"] | null;
            /** @description ACVPU. */
            consciousness?: components["schemas"]["Consciousness"] | null;
            /** @description Diastolic blood pressure in mmHg. */
            dbp?: components["schemas"]["Decimal"] | null;
            /** @description Work of breathing. */
            effort?: components["schemas"]["Effort"] | null;
            /** @description Air or oxygen. */
            oxygen?: components["schemas"]["Oxygen"] | null;
            /** @description Pain, 0 (none) to 3 (severe). */
            pain?: components["schemas"]["Decimal"] | null;
            /** @description Beats per minute, counted. */
            pulse?: components["schemas"]["Decimal"] | null;
            /** @description Breaths per minute, counted. */
            rr?: components["schemas"]["Decimal"] | null;
            /** @description Systolic blood pressure in mmHg. */
            sbp?: components["schemas"]["Decimal"] | null;
            /** @description Oxygen saturation in %, from a device that is not connected. */
            spo2?: components["schemas"]["Decimal"] | null;
            /** @description Temperature in degrees Celsius, tenths. */
            temp?: components["schemas"]["Decimal"] | null;
        };
        /** @description What can be added here. */
        Fitting: {
            families: components["schemas"]["Family"][];
            /** @description Families that only the configuration can set up. */
            others: components["schemas"]["OtherFamily"][];
            /** @description The serial ports of this box. */
            ports: components["schemas"]["SerialPort"][];
        };
        /** @description A bed whose limits somebody should look at. */
        Flood: {
            /** @description Which. */
            bed: components["schemas"]["BedId"];
            /**
             * Format: uint
             * @description How often alarms were announced there.
             */
            onsets: number;
            /**
             * Format: uint64
             * @description In so many seconds.
             */
            within_s: number;
        };
        /** @description Who was understood. */
        FoundShown: {
            /** @description A name that is still free. */
            device: string;
            /** @description Its family. */
            family: string;
            /** @description The port that will be written. */
            port: string;
            /** @description That name stays when adapters are replugged. */
            stable: boolean;
        };
        /** @description A handover as a page shows it. */
        Handover: {
            /** @description Who took it over. */
            accepted: components["schemas"]["TakenOver"] | null;
            /** @description What it says of each bed; none in a list. */
            beds: components["schemas"]["HandoverBed"][] | null;
            /** @description Who handed over. */
            by: string;
            /** @description Their account. */
            by_id: string;
            /** @description Its name. */
            handover: components["schemas"]["EntryId"];
            /**
             * Format: uint8
             * @description How many hours back it looks.
             */
            hours: number;
            /**
             * Format: uint64
             * @description When that was in this boot; none when that was in an earlier one.
             */
            made_ms: number | null;
            /**
             * Format: int64
             * @description When it was put together, by the wall clock; none when nobody knows.
             */
            made_wall_ms: number | null;
            /** @description While it is open: the beds where somebody else lies now, or nobody. */
            moved: components["schemas"]["BedId"][];
            /** @description While it is open: the beds about whose patient something was written since. */
            noted: components["schemas"]["BedId"][];
            /**
             * Format: int64
             * @description When it was offered.
             */
            offered_wall_ms: number | null;
            /** @description It waits for somebody to take it over. */
            open: boolean;
            /** @description What concerns no bed alone, line by line; none in a list. */
            post: components["schemas"]["HandoverLine"][] | null;
        };
        /** @description A bed in a handover. */
        HandoverBed: {
            /** @description The stay. */
            admission: components["schemas"]["AdmissionId"];
            /** @description The bed. */
            bed: components["schemas"]["BedId"];
            /** @description What stands on its tile. */
            label: string;
            /** @description What was shown. */
            lines: components["schemas"]["HandoverLine"][];
            /** @description What is to be done, in the words of whoever hands over; may be empty. */
            to_do: string;
        };
        /** @description What there is to hand over now. */
        HandoverDraft: {
            /** @description The occupied beds, in the order of the screen. */
            beds: components["schemas"]["HandoverBed"][];
            /** @description `untrusted`: the times of the shift are in doubt. */
            clock: components["schemas"]["ClockTrust"];
            /** @description Its name. */
            draft: string;
            /**
             * Format: uint8
             * @description How many hours back it looks.
             */
            hours: number;
            /**
             * Format: int64
             * @description When it was put together, in ms since 1970; null when nobody knows.
             */
            made_wall_ms: number | null;
            /** @description What concerns no bed alone. */
            post: components["schemas"]["HandoverLine"][];
        };
        /** @description One line of what was shown: what it is about, and the words and numbers of it, from which each page makes a sentence. */
        HandoverLine: {
            /** @description Where it stands. */
            section: components["schemas"]["Section"];
            /** @description What it is about: `who`, `alarm`, `trend`. */
            what: string;
            /** @description Its words and numbers, in the order that belongs to `what`; one that is not known is empty. */
            words: string[];
        };
        /** @description The ward is handed over. */
        HandoverOffered: {
            /** @description Its name. */
            handover: components["schemas"]["EntryId"];
        };
        /** @description The handovers, the newest first, without what they say. */
        Handovers: {
            handovers: components["schemas"]["Handover"][];
        };
        /** @description What a family makes of what comes. */
        HeardShown: {
            /**
             * Format: uint64
             * @description Frames whose checksum did not fit.
             */
            bad_checksums: number;
            /**
             * Format: uint64
             * @description Bytes that came.
             */
            bytes: number;
            /** @description The curves, by their keys. */
            curves: string[];
            /** @description Its name. */
            family: string;
            /** @description Other faults, by name. */
            faults: {
                [key: string]: number;
            };
            /**
             * Format: uint64
             * @description What was understood.
             */
            findings: number;
            /** @description The device says that its patient is invented. */
            plays: boolean;
            /**
             * Format: uint64
             * @description Bytes that fitted nothing.
             */
            skipped: number;
            /** @description The last of each value. */
            values: components["schemas"]["ValueShown"][];
            /** @description `nothing`, `not_understood`, `doubtful` or `understood`. */
            verdict: string;
        };
        /** @description Who lies in a bed; what is not known is left out. */
        Identifying: {
            /**
             * @description `YYYY-MM-DD`
             * @default null
             */
            born?: string | null;
            /**
             * @description The age group; left out = by the date of birth, or as the bed is configured.
             * @default null
             */
            category?: components["schemas"]["Category"] | null;
            change: components["schemas"]["Change"];
            /**
             * @description Family name.
             * @default
             */
            family?: string;
            /**
             * @description Given names.
             * @default
             */
            given?: string;
            /**
             * @description Identifiers (of the practice, the laboratory, the country), most trusted first, at most 4.
             * @default []
             */
            ids?: string[];
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
            /**
             * @description `F`, `M`, `O` (other) or `U` (unknown).
             * @default
             */
            sex?: string;
        };
        /** @description What is known of who a patient is; often little in a health post. */
        Identity: {
            /** @description Date of birth, `YYYY-MM-DD`. */
            born: string | null;
            /** @description Family name; may be empty. */
            family: string;
            /** @description Given names; may be empty. */
            given: string;
            /** @description Identifiers (of the practice, the laboratory, the country), most trusted first, at most [`IDS_MAX`]. */
            ids: string[];
            /** @description Sex as administrations write it: `F`, `M`, `O` (other), `U` (unknown); may be empty. */
            sex: string;
        };
        /** @description What rests. */
        Inactive: "audio_paused" | "audio_off" | "alarm_paused";
        /** @description A self-test that was signed. */
        KeptTest: {
            /**
             * Format: int64
             * @description In ms since 1970.
             */
            began_ms: number;
            /** @description Who signed it. */
            by: string;
            counts: components["schemas"]["Counts"];
            /** Format: uint64 */
            id: number;
            /** Format: int64 */
            signed_ms: number;
            /** @description How far that clock could be believed. */
            trust: components["schemas"]["ClockTrust"];
        };
        /** @description Why a result is nobody's. */
        LabDoubt: "unknown" | "name_only" | "several" | "left" | "other_id" | "other_name" | "other_birth";
        /** @description How an analyser judges a result. ASTM E1394 R-7 and HL7 OBX-8 use the same letters. */
        LabFlag: "none" | "normal" | "low" | "high" | "critical_low" | "critical_high" | "below_measuring" | "above_measuring" | "abnormal";
        /** @description A laboratory result: the epoch in which it came (16 hexadecimal digits), '-', its number. */
        LabId: string;
        /** @description The results that are nobody's. */
        LaboratoryNow: {
            /**
             * Format: uint64
             * @description How many older ones are not shown.
             */
            left_out: number;
            /** @description The newest first. */
            results: components["schemas"]["LabShown"][];
        };
        /** @description A result as a page shows it. */
        LabShown: {
            /** @description Who said whose it is; none = it was matched. */
            assigned_by: string | null;
            /** @description The sender's code of it. */
            code: string;
            /** @description The analyser's own time. */
            completed: string | null;
            /** @description The analyser. */
            device: components["schemas"]["DeviceId"];
            /** @description Why it is nobody's; none = it is a patient's. */
            doubt: components["schemas"]["LabDoubt"] | null;
            /** @description The first result of its specimen and test: what an alarm about it is named after. */
            first: components["schemas"]["LabId"];
            /** @description How the analyser judges it. */
            flag: components["schemas"]["LabFlag"];
            /** @description Its name. */
            id: components["schemas"]["LabId"];
            /** @description The reference range, as sent. */
            range: string;
            /**
             * Format: uint64
             * @description When it came; none when that was in an earlier boot.
             */
            received_ms: number | null;
            /**
             * Format: int64
             * @description When that was by the wall clock; none when nobody knows.
             */
            received_wall_ms: number | null;
            /** @description Whom the analyser was told, for one that is nobody's. */
            sent: components["schemas"]["Identity"] | null;
            /** @description The specimen; may be empty. */
            specimen: string;
            /** @description How final it is. */
            status: components["schemas"]["LabStatus"];
            /** @description What was tested, in the sender's words. */
            test: string;
            /** @description Its unit. */
            unit: string;
            /** @description The result as it was sent. */
            value: string;
            /** @description What it replaces. */
            was: string | null;
        };
        /** @description How final a result is. ASTM E1394 R-9, HL7 OBX-11. */
        LabStatus: "final" | "preliminary" | "corrected" | "repeated" | "pending" | "not_done";
        /** @description One curve of a bed, as one device counts its samples. A bed, stay, rate or counting that changes is another lane. */
        Lane: {
            /** @description Whose curve. */
            bed: components["schemas"]["BedId"];
            /** @description Which curve. */
            code: components["schemas"]["Code"];
            /** @description Which device sends it. */
            device: components["schemas"]["DeviceId"];
            /** @description What stands beside it. */
            label: string;
            /**
             * Format: uint32
             * @description Its number in frames; never given twice while the appliance runs.
             */
            lane: number;
            /**
             * Format: double
             * @description Samples per second.
             */
            rate_hz: number;
        };
        /** @description A number that is no longer true. */
        LastValue: {
            /**
             * Format: uint64
             * @description When it was heard.
             */
            at_ms: number;
            /** @description The number. */
            value: components["schemas"]["Decimal"];
        };
        /** @description A patient leaves the post. */
        Leaving: {
            disposition: components["schemas"]["Disposition"];
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
        };
        /** @description Who lies there. */
        Lies: "same" | "other" | "nobody";
        /** @description The limits of one value. */
        LimitNow: {
            /** @description Which value. */
            code: components["schemas"]["Code"];
            /** @description Those in force. */
            in_force: components["schemas"]["Limits"];
            /** @description What stands beside the number. */
            label: string;
            /** @description A person set them for this patient. */
            own: boolean;
            /** @description What the value suggests; a person decides. */
            proposed: components["schemas"]["Limits"] | null;
            /** @description UCUM unit. */
            unit: string;
            /** @description Those of the age group. */
            usual: components["schemas"]["Limits"];
            /** @description The value now. */
            value: components["schemas"]["Decimal"] | null;
            /** @description A value may go further without an alarm than usual. */
            wider: boolean;
        };
        /** @description Lower and upper alarm limit of one value; `None` = no alarm on that side. */
        Limits: {
            /** @description Alarm above this. */
            high: components["schemas"]["Decimal"] | null;
            /** @description Alarm below this. */
            low: components["schemas"]["Decimal"] | null;
        };
        /** @description The limits at a bed. */
        LimitsNow: {
            /** @description Whose. */
            admission: components["schemas"]["AdmissionId"];
            /** @description Whose usual limits these are. */
            category: components["schemas"]["Category"];
            /** @description By value. */
            values: components["schemas"]["LimitNow"][];
        };
        /** @description One line. */
        LineNow: {
            /** @description It was added at the page, where it can be removed. */
            added: boolean;
            /** @description Its port or address, as configured. */
            at: string;
            /**
             * Format: uint64
             * @description Bytes that came.
             */
            bytes: number;
            /** @description What hangs on it. */
            devices: components["schemas"]["DeviceId"][];
            /** @description Its family. */
            family: string;
            /** @description What was wrong, by name. */
            faults: {
                [key: string]: number;
            };
            /** @description The same within the last minute. */
            faults_per_minute: {
                [key: string]: number;
            };
            /**
             * Format: uint64
             * @description How long ago the last good frame came, in milliseconds.
             */
            good_ms_ago: number | null;
            /**
             * Format: uint64
             * @description How long ago the last byte came, in milliseconds.
             */
            heard_ms_ago: number | null;
            /** @description Its id in the configuration. */
            line: string;
            /**
             * Format: uint64
             * @description How often the port was opened.
             */
            opened: number;
            /** @description Its port. */
            port: components["schemas"]["LinePort"];
            /** @description Why it is closed or left out, and what to do. */
            reason: string | null;
            /** @description What is recorded of it. */
            recording: components["schemas"]["RecordingNow"] | null;
            /**
             * Format: uint64
             * @description Values, absences and stretches of curves.
             */
            seen: number;
            /**
             * Format: uint64
             * @description Bytes that belonged to no frame.
             */
            skipped_bytes: number;
            /**
             * Format: uint64
             * @description Bytes that nobody had asked for (Modbus).
             */
            stray_bytes: number;
            /** @description Codes that nobody knows. */
            unknown_codes: components["schemas"]["UnknownCode"][];
            /**
             * Format: uint64
             * @description How often codes came that found no place in the list.
             */
            unknown_codes_left_out: number;
        };
        /** @description A line's port. */
        LinePort: "opening" | "open" | "closed" | "left_out";
        /** @description The lines: those of the configuration in its order, then those that were added at the page. */
        Lines: {
            lines: components["schemas"]["LineNow"][];
        };
        /** @description One entry. */
        LogEntry: (components["schemas"]["LoggedAlarm"] & {
            /** @constant */
            kind: "alarm";
        }) | (components["schemas"]["LoggedChange"] & {
            /** @constant */
            kind: "limits";
        }) | (components["schemas"]["LoggedChange"] & {
            /** @constant */
            kind: "signals";
        }) | {
            at: components["schemas"]["Moment"];
            /** @constant */
            kind: "gap";
            /** @description When it recorded again. */
            until: components["schemas"]["Moment"];
        };
        /** @description An alarm in the log. */
        LoggedAlarm: {
            alarm: components["schemas"]["AlarmId"];
            at: components["schemas"]["Moment"];
            bed: components["schemas"]["BedId"] | null;
            condition: components["schemas"]["Condition"];
            /** @description When the condition began. */
            crossed: components["schemas"]["Moment"];
            device: components["schemas"]["DeviceId"] | null;
            /** @description What became of it at the centre. */
            doctors: components["schemas"]["DeliveryState"] | null;
            ended: components["schemas"]["Moment"] | null;
            limit: components["schemas"]["Decimal"] | null;
            /**
             * Format: uint32
             * @description How often it was announced.
             */
            onsets: number;
            phase: components["schemas"]["AlarmPhase"];
            /** @description The most urgent that it was. */
            priority: components["schemas"]["Priority"];
            /** @description As it began. */
            priority_first: components["schemas"]["Priority"];
            /** @description Of whom. */
            stay: components["schemas"]["AdmissionId"] | null;
            steps: components["schemas"]["LogStep"][];
            /** @description What its map calls a value about the post, or the test of a laboratory result; may be empty. */
            text: string;
            unit: string;
            /** @description The value with which it began. */
            value: components["schemas"]["Decimal"] | null;
            /** @description The worst. */
            worst: components["schemas"]["Decimal"] | null;
        };
        /** @description What a person changed. */
        LoggedChange: {
            after: string;
            at: components["schemas"]["Moment"];
            bed: components["schemas"]["BedId"] | null;
            before: string | null;
            by: string | null;
            /** @description From which screen or address. */
            from: string | null;
            /** @description Of whom. */
            stay: components["schemas"]["AdmissionId"] | null;
        };
        /** @description A step of an alarm. */
        LogStep: {
            at: components["schemas"]["Moment"];
            /** @description Who did it. */
            by: string | null;
            /** @description From which screen or address. */
            from: string | null;
            /** @description What happened, by its key. */
            what: string;
        };
        /**
         * @description Whoever lies in the bed, mostly somebody whom nobody knew, is the patient of an earlier stay. From then on the bed's stay
         *     is the earlier one; what was recorded is not rewritten, and both count as one patient's.
         */
        Merging: {
            /** @description The earlier stay. */
            into: components["schemas"]["AdmissionId"];
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
        };
        /** @description What somebody at the centre wrote, until a person marks it as read. */
        Message: {
            /**
             * Format: uint64
             * @description When it arrived; none when that was in an earlier boot.
             */
            at_ms: number | null;
            /** @description About which bed; none = the whole post. */
            bed: components["schemas"]["BedId"] | null;
            /** @description Who wrote. */
            by: string;
            /** @description The centre's command: 32 hexadecimal digits. */
            id: string;
            /**
             * Format: int64
             * @description When that was by the wall clock; none when nobody knows.
             */
            wall_ms: number | null;
        } & ({
            /** @constant */
            kind: "text";
            /** @description The words. */
            text: string;
        } | {
            /** @description Of which value. */
            code: components["schemas"]["Code"];
            /** @constant */
            kind: "limit";
            /** @description What stands beside the number. */
            label: string;
            /** @description The new limit. */
            limit: components["schemas"]["Decimal"];
            /** @description Which limit. */
            side: components["schemas"]["Side"];
            /** @description UCUM unit. */
            unit: string;
        });
        /** @description When something happened. */
        Moment: {
            /** @description How far that is to be trusted. */
            trust: components["schemas"]["ClockTrust"];
            /**
             * Format: int64
             * @description In ms since 1970; null = no clock was ever known.
             */
            wall: number | null;
        };
        /** @description A patient goes to another bed. */
        Moving: {
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
            /**
             * @description Whoever lies there goes to this bed.
             * @default false
             */
            swap?: boolean;
            to: components["schemas"]["BedId"];
            /** @description The stay that the person saw in the other bed. */
            to_saw: components["schemas"]["AdmissionId"];
        };
        /** @description A new account; the answer has the code with which the person begins. */
        NewPerson: {
            /** @description What they type to say who they are: 2 to 32 of a-z, 0-9, '.', '-'. */
            id: string;
            /** @description What people call them. */
            name: string;
            roles: components["schemas"]["Role"][];
        };
        /** @description The browser that asks is a screen of the ward from now on. */
        NewScreen: {
            /** @description Where it hangs. */
            name: string;
        };
        /** @description A note as a page shows it. */
        NoteShown: {
            /**
             * Format: uint64
             * @description When it was written, in ms of this boot; none when that was in an earlier one.
             */
            at_ms: number | null;
            /** @description Who wrote it. */
            by: string;
            /** @description Its name. */
            note: components["schemas"]["EntryId"];
            /** @description What. */
            text: string;
            /**
             * Format: int64
             * @description The same by the wall clock; none when nobody knows.
             */
            wall_ms: number | null;
            /** @description Who took it back. */
            withdrawn_by: string | null;
        };
        /** @description What a page is told: numbered without a gap, from a snapshot on. */
        NumberedSnapshot: {
            /** @description Alarms that are not over, most urgent first. */
            alarms: components["schemas"]["Alarm"][];
            /** @description Beds in the order of the screen. */
            beds: components["schemas"]["Bed"][];
            /** @description Of the page: one that carries another is of an older build. */
            build: string;
            /** @description The way to the doctors. */
            centre: components["schemas"]["Centre"];
            /** @description How far to trust it. */
            clock_trust: components["schemas"]["ClockTrust"];
            /** @description The curves that come now. */
            curves: components["schemas"]["Lane"][];
            /** @description Laboratory results that are nobody's. */
            laboratory: components["schemas"]["Unassigned"];
            /** @description What the centre wrote and nobody has read, oldest first. */
            messages: components["schemas"]["Message"][];
            /**
             * Format: uint64
             * @description Monotonic now.
             */
            now_ms: number;
            /** @description The last outage of the way to the centre, for a while after it is over. */
            outage: components["schemas"]["Outage"] | null;
            /** @description The post. */
            post: components["schemas"]["Post"];
            /** @description What is wrong with the box. */
            problems: components["schemas"]["Problem"][];
            /**
             * Format: uint64
             * @description 0 = the snapshot.
             */
            seq: number;
            /** @description What of the alarm signals rests, and where alarms flood. */
            signals: components["schemas"]["Signals"];
            /** @description Values about the post itself. */
            site: components["schemas"]["SiteValue"][];
            /** @description Who hears the alarms. */
            sound: components["schemas"]["SoundNow"];
            type: components["schemas"]["SnapshotType"];
            /**
             * Format: int64
             * @description Wall clock now.
             */
            wall_ms: number | null;
        };
        /** @description What a page is told: numbered without a gap, from a snapshot on. */
        NumberedUpdate: {
            /**
             * Format: uint64
             * @description 0 = the snapshot.
             */
            seq: number;
        } & ({
            /** @description The bed. */
            bed: components["schemas"]["Bed"];
            /** @constant */
            type: "bed";
        } | {
            /** @description The alarms. */
            alarms: components["schemas"]["Alarm"][];
            /** @constant */
            type: "alarms";
        } | {
            /** @description The way. */
            centre: components["schemas"]["Centre"];
            /** @constant */
            type: "centre";
        } | {
            /** @description The values. */
            site: components["schemas"]["SiteValue"][];
            /** @constant */
            type: "site";
        } | {
            /** @description The problems. */
            problems: components["schemas"]["Problem"][];
            /** @constant */
            type: "problems";
        } | {
            /** @description The messages. */
            messages: components["schemas"]["Message"][];
            /** @constant */
            type: "messages";
        } | {
            /** @description The outage; none = nothing to say any more. */
            outage: components["schemas"]["Outage"] | null;
            /** @constant */
            type: "outage";
        } | {
            /** @description How many. */
            laboratory: components["schemas"]["Unassigned"];
            /** @constant */
            type: "laboratory";
        } | {
            /** @description Pauses and floods. */
            signals: components["schemas"]["Signals"];
            /** @constant */
            type: "signals";
        } | {
            /** @description Who. */
            sound: components["schemas"]["SoundNow"];
            /** @constant */
            type: "sound";
        } | {
            /** @description The curves. */
            curves: components["schemas"]["Lane"][];
            /** @constant */
            type: "curves";
        } | (components["schemas"]["Clocks"] & {
            /** @constant */
            type: "beat";
        }));
        /** @description How often something alarmed. */
        OfCondition: {
            /** Format: uint32 */
            alarms: number;
            /**
             * Format: uint32
             * @description How often they were announced.
             */
            announced: number;
            /** @description By its key. */
            condition: string;
            /** Format: double */
            per_bed_day: number | null;
            /**
             * Format: double
             * @description How many were over soon and by themselves, of a hundred.
             */
            soon_over_percent: number | null;
        };
        /** @description What was shown is handed over, by who it was shown to, within half an hour. */
        OfferingHandover: {
            /** @description The name of what was shown. */
            draft: string;
            /**
             * @description What is to be done, by bed; at most 200 characters for each.
             * @default {}
             */
            to_do?: {
                [key: string]: string;
            };
        };
        OfPost: {
            /** Format: uint32 */
            alarms: number;
            /** Format: uint32 */
            announced: number;
        };
        /** @description How often something alarmed. */
        OfPriority: {
            /** Format: uint32 */
            alarms: number;
            /**
             * Format: uint32
             * @description How often they were announced.
             */
            announced: number;
            /** Format: double */
            per_bed_day: number | null;
            priority: components["schemas"]["Priority"];
            /**
             * Format: double
             * @description How many were over soon and by themselves, of a hundred.
             */
            soon_over_percent: number | null;
        };
        /** @description This document. */
        OpenApi: {
            [key: string]: unknown;
        };
        /** @description A chart that is open in an emergency. */
        OpenChart: {
            /** @description Of whoever lies there. */
            bed: components["schemas"]["BedId"];
            /**
             * Format: uint64
             * @description Seconds left.
             */
            until_s: number;
        };
        /** @description The chart is open. */
        Opened: {
            /**
             * Format: uint64
             * @description For so many seconds.
             */
            until_s: number;
        };
        /** @description A chart is opened in an emergency; somebody else looks at it afterwards. */
        Opening: {
            /** @description Of whoever lies there. */
            bed: components["schemas"]["BedId"];
            /** @description Why, in 10 to 500 characters. */
            reason: string;
        };
        /** @description A family that only the configuration can set up. */
        OtherFamily: {
            family: string;
            title: string;
        };
        /** @description An outage that is over: everything that waited has arrived. */
        Outage: {
            /**
             * Format: uint64
             * @description Since when the centre was not heard; none when that was in an earlier boot.
             */
            from_ms: number | null;
            /**
             * Format: uint64
             * @description Records that were delivered late.
             */
            kept: number;
            /**
             * Format: uint64
             * @description Records that were given up.
             */
            lost: number;
            /**
             * Format: uint64
             * @description When it was heard again.
             */
            to_ms: number;
        };
        /** @description How it ended. */
        Outcome: "done" | "refused";
        /** @description What a patient breathes, as a person entered it (E2). */
        Oxygen: "air" | {
            /** @description By what (cannula, mask); may be empty. */
            device?: string;
            /** @description How much, in L/min. */
            flow?: components["schemas"]["Decimal"] | null;
            /** @description How much of what is breathed in is oxygen, in %. */
            percent?: components["schemas"]["Decimal"] | null;
        };
        /** @description What a page may say. */
        PageMessage: {
            on: boolean;
            /** @constant */
            type: "sound";
        } | {
            on: boolean;
            /** @constant */
            type: "curves";
        };
        /** @description Whoever lies in a bed now. */
        PatientNow: {
            /** @description The stay. */
            admission: components["schemas"]["AdmissionId"];
            /** @description The bed. */
            bed: components["schemas"]["BedId"];
            /** @description What was said that decides which score counts. */
            care: components["schemas"]["CareShown"];
            /** @description Age group, as the limits follow it. */
            category: components["schemas"]["Category"];
            /** @description Who said so last. */
            identified_by: string | null;
            /** @description Who it is; none = nobody has said. */
            identity: components["schemas"]["Identity"] | null;
            /**
             * Format: uint64
             * @description How many older ones are not shown.
             */
            left_out: number;
            /** @description Stays that turned out to be this patient's too. */
            merged: components["schemas"]["AdmissionId"][];
            /** @description What was written, the newest first. */
            notes: components["schemas"]["NoteShown"][];
            /** @description What persons found at the bedside, the newest first. */
            observations: components["schemas"]["EntryShown"][];
            /** @description The bed was not heard for long, and nobody has said yet whether it is still the same patient. */
            perhaps: components["schemas"]["Perhaps"] | null;
            /** @description The laboratory results, the newest first. */
            results: components["schemas"]["LabShown"][];
            /**
             * Format: uint64
             * @description When it began in this bed; none when that was in an earlier boot.
             */
            since_ms: number | null;
            /** @description The specimens that were taken, the newest first. */
            specimens: components["schemas"]["SpecimenShown"][];
            /** @description Nobody lies there. */
            vacant: boolean;
        };
        /** @description Signals that a person paused. */
        Pause: {
            /** @description At which bed; none = at the whole post. */
            bed: components["schemas"]["BedId"] | null;
            /** @description Who paused it. */
            by: string;
            /**
             * Format: uint64
             * @description Until when; none = until a person ends it.
             */
            until_ms: number | null;
            /** @description What rests. */
            what: components["schemas"]["Inactive"];
        };
        /** @description The sound of what calls now rests for a time. */
        Pausing: {
            /**
             * Format: uint64
             * @description How long: 120 when nobody says, at most 180.
             */
            seconds?: number | null;
        };
        /** @description The accounts of the post. */
        People: {
            people: components["schemas"]["Account"][];
            /** @description Every role there is. */
            roles: components["schemas"]["Role"][];
        };
        /** @description Who perhaps still lies in a bed. */
        Perhaps: {
            /** @description Who it was; none = nobody had said. */
            identity: components["schemas"]["Identity"] | null;
        };
        /** @description Who perhaps still lies in a bed. */
        PerhapsHere: {
            /** @description First letters; empty where no name was known. */
            initials: string;
            /**
             * Format: uint64
             * @description Since when nobody knows who lies there; none = since before this box was switched on.
             */
            since_ms: number | null;
        };
        /** @description An account: 2 to 32 of a-z, 0-9, '.' and '-'. */
        PersonId: string;
        /** @description A device stands elsewhere from now on. */
        Placing: {
            /** @description Where it stands, `null` = at no bed. */
            bed: components["schemas"]["BedId"] | null;
            /** @description Where the person saw that it stands, `null` = at no bed: one that was moved meanwhile is refused. */
            saw: components["schemas"]["BedId"] | null;
        };
        /** @description The post. */
        Post: {
            /** @description Its id. */
            id: components["schemas"]["PostId"];
            /** @description What people call it. */
            name: string;
        };
        /** @description A health post: 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.'. */
        PostId: string;
        /**
         * @description Whether a pregnancy decides which score applies.
         * @enum {string}
         */
        Pregnancy: "none" | "pregnant" | "six_weeks_after";
        /** @description How soon somebody must come. Belongs to the condition, in one table ([`Condition::rule`]). */
        Priority: "low" | "medium" | "high";
        /** @description Something wrong with the box, in words. */
        Problem: {
            /** @description The condition's key. */
            key: string;
            /** @description What it means and what to do. */
            text: string;
        };
        /** @description How far a value may be trusted. */
        Quality: "good" | "questionable";
        /** @description Why an acknowledgement counts no more. */
        Recalled: {
            /**
             * Format: uint64
             * @description When it had been acknowledged.
             */
            acknowledged_ms: number;
            /** @description Why. */
            why: components["schemas"]["RecalledWhy"];
        };
        /** @description Why an acknowledged alarm calls again. */
        RecalledWhy: "still_there" | "worse";
        /** @description What a line hears is recorded. */
        RecordingLine: {
            /**
             * Format: uint64
             * @description For so long: 5 to 300.
             */
            seconds: number;
        };
        /** @description A recording of a line. */
        RecordingNow: {
            /**
             * Format: uint
             * @description How long its text is, in bytes.
             */
            bytes: number;
            /**
             * Format: uint64
             * @description Seconds that it goes on still; 0 = it is over and can be taken along.
             */
            left_s: number;
        };
        /** @description Why a request was refused. */
        Refusal: {
            /** @description A sentence for people: what happened, and what to do next. */
            error: string;
            /** @description What else is needed to sign in: `code`, six digits. */
            needs?: string | null;
            /**
             * Format: uint64
             * @description How long to wait before the next try, in seconds.
             */
            wait_s?: number | null;
        };
        /** @description Why a doctor takes no responsibility. */
        RejectReason: "artefact" | "known" | "not_ours" | "other";
        /** @description Who answers for an alarm now. */
        Responsible: {
            /** @description Who. */
            by: string;
            /** @description To whom they want to hand it over; they stay responsible until that person has accepted. */
            offered_to: string | null;
            /**
             * Format: int64
             * @description Until when, in ms since 1970 by the centre's clock.
             */
            until_wall_ms: number;
        };
        /** @description The sound, or all signals of a procedure, rest. */
        Resting: {
            /**
             * Format: uint64
             * @description How long: 120 when nobody says, at most 180; nothing for `audio_off`, which rests until a person ends it.
             */
            seconds?: number | null;
            what: components["schemas"]["Inactive"];
        };
        /** @description What a person is at a post. One person may have several. */
        Role: "viewer" | "nurse" | "senior_nurse" | "doctor" | "technician" | "privacy_officer" | "auditor";
        /** @description An account has other roles from now on. */
        Roles: {
            roles: components["schemas"]["Role"][];
        };
        /** @description A word with who said it, and when. */
        Said_boolean: {
            /**
             * Format: uint64
             * @description When, in ms of this boot; none when that was in an earlier one.
             */
            at_ms: number | null;
            /** @description Who. */
            by: string;
            /** @description What. */
            value: boolean;
            /**
             * Format: int64
             * @description The same by the wall clock; none when nobody knows.
             */
            wall_ms: number | null;
        };
        /** @description A word with who said it, and when. */
        Said_Pregnancy: {
            /**
             * Format: uint64
             * @description When, in ms of this boot; none when that was in an earlier one.
             */
            at_ms: number | null;
            /** @description Who. */
            by: string;
            /** @description What. */
            value: components["schemas"]["Pregnancy"];
            /**
             * Format: int64
             * @description The same by the wall clock; none when nobody knows.
             */
            wall_ms: number | null;
        };
        /** @description A word with who said it, and when. */
        Said_uint8: {
            /**
             * Format: uint64
             * @description When, in ms of this boot; none when that was in an earlier one.
             */
            at_ms: number | null;
            /** @description Who. */
            by: string;
            /**
             * Format: uint8
             * @description What.
             */
            value: number;
            /**
             * Format: int64
             * @description The same by the wall clock; none when nobody knows.
             */
            wall_ms: number | null;
        };
        /** @description By which scale of saturations a patient is scored. */
        Scaling: {
            /** @description The stay that the person saw. */
            saw: components["schemas"]["AdmissionId"];
            /**
             * Format: uint8
             * @description 2 is for a target of 88 to 92 %: a clinician decides.
             */
            scale: number;
        };
        /** @description A score as it stands. */
        Score: {
            /** @description The score is by age, and the age is not recorded. */
            age_missing: boolean;
            /** @description False: to be labelled "age not recorded". */
            age_recorded: boolean;
            /** @description What the total asks for. */
            band: components["schemas"]["Band"] | null;
            /** @description Whose entry made it say so; none = computed by itself. */
            by: string | null;
            /** @description What persons measured last, each thing once, whether it is scored or not. */
            by_hand: components["schemas"]["ByHand"][];
            /** @description What no living patient has. */
            impossible: string[];
            /** @description What is missing, as the parts are called. */
            missing: string[];
            /** @description What people call it. */
            name: string;
            /** @description Why it is not for this patient. */
            not_for: string | null;
            /** @description The patient has a pacemaker. */
            paced: boolean;
            /** @description Each part. */
            parts: components["schemas"]["ScorePart"][];
            /** @description Why there is no total: `incomplete`, `invalid` or `not-applicable`. */
            reason: string | null;
            /** @description Something is urgent by itself, whether there is a total or not. */
            red: boolean;
            /**
             * Format: uint8
             * @description The saturation scale that counts, 1 or 2.
             */
            scale: number;
            /** @description Who said so. */
            scale_by: string | null;
            /** @description Which: `news2`, `bedside_pews` or `meows`. */
            score: components["schemas"]["ScoreKind"];
            /**
             * Format: uint64
             * @description Since when it has said so.
             */
            since_ms: number;
            /**
             * Format: uint16
             * @description The total; none = see `reason`.
             */
            total: number | null;
        };
        /** @description The scores there are. */
        ScoreKind: "news2" | "bedside_pews" | "meows";
        /** @description One part of a score. */
        ScorePart: {
            /**
             * Format: int64
             * @description When it was measured or found; negative: before this boot.
             */
            at_ms: number | null;
            /** @description Who found it; none = a device. */
            by: string | null;
            /** @description Where a pulse comes from: `ecg`, `pleth` or `counted`. */
            from: string | null;
            /** @description Its name in the score. */
            key: string;
            /**
             * Format: uint8
             * @description Its points.
             */
            points: number | null;
            /** @description `points`, `missing`, `impossible` or `needs_oxygen`: whether oxygen is given decides the points. */
            state: string;
            /** @description UCUM unit of a number. */
            unit: string;
            /** @description What counts; none = nothing that is fresh. */
            value: string | null;
        };
        /** @description A screen of the ward. */
        Screen: {
            id: components["schemas"]["ScreenId"];
            /** @description Where it hangs. */
            name: string;
            /** @description Who made it one. */
            registered_by: string;
        };
        /** @description Names a screen; never used again. */
        ScreenId: string;
        /** @description The screens of the ward. */
        Screens: {
            screens: components["schemas"]["Screen"][];
        };
        /** @description A second factor, for an app that makes six digits. */
        Second: {
            /** @description For scanning, as a QR code. */
            scanning: string;
            /** @description For typing. */
            typing: string;
        };
        /**
         * @description Where a line of a handover stands (SBAR).
         * @enum {string}
         */
        Section: "situation" | "background" | "assessment" | "recommendation";
        /** @description Somebody at the centre saw an alarm. */
        SeenMark: {
            /**
             * Format: uint64
             * @description When the post heard of it; none when that was in an earlier boot.
             */
            at_ms: number | null;
            /** @description Who. */
            by: string;
        };
        /** @description A self-test has begun: the box plays its test tone. */
        SelfTestBegun: {
            /** Format: uint64 */
            id: number;
        };
        /** @description A run, as the page is told. */
        SelfTestRun: {
            /**
             * Format: int64
             * @description When it began, by the wall clock, in milliseconds since 1970.
             */
            began_ms: number;
            /** @description Who began it. */
            by: string;
            /**
             * Format: uint64
             * @description Its number since the start of the post.
             */
            id: number;
            /**
             * Format: uint32
             * @description How much of it is done; 100 = all.
             */
            percent: number;
            /** @description Whether the box played its tone. */
            played: boolean;
            /** @description What it found; empty until it is done. */
            rows: components["schemas"]["SystemRow"][];
            /** @description How far that clock could be believed. */
            trust: components["schemas"]["ClockTrust"];
        };
        /** @description The self-tests. */
        SelfTests: {
            /** @description The newest first. */
            kept: components["schemas"]["KeptTest"][];
            /** @description The one that runs or waits to be signed. */
            run: components["schemas"]["SelfTestRun"] | null;
        };
        /** @description A serial port of this box. */
        SerialPort: {
            /** @description The system writes its messages to it. */
            console: boolean;
            /** @description As the kernel calls it now. */
            device: string;
            /** @description The line that has it. */
            line: string | null;
            /** @description The name that stays, where there is one. */
            name: string;
            /** @description What its adapter calls itself. */
            product: string | null;
            /** @description What the name goes with: `adapter`, `socket` or `board`; none = it may change. */
            with: string | null;
        };
        /** @description What one device measured of one stay. */
        Series: {
            admission: components["schemas"]["AdmissionId"] | null;
            /** @description `null` where nothing was heard, to be drawn as a gap. */
            buckets: (components["schemas"]["Bucket"] | null)[];
            device: components["schemas"]["DeviceId"];
        };
        /** @description Results are of nobody here. */
        SettingAside: {
            results: components["schemas"]["LabId"][];
        };
        /** @description Which limit was crossed. */
        Side: "low" | "high";
        /** @description Both. */
        Signals: {
            /** @description Pauses that ended a moment ago, before their time. */
            early_ends: components["schemas"]["EarlyEnd"][];
            /** @description Beds at which alarms follow one another too fast. */
            floods: components["schemas"]["Flood"][];
            /** @description What rests. */
            pauses: components["schemas"]["Pause"][];
        };
        /** @description Somebody who is signed in. */
        SignedIn: {
            /** @description The charts that are open to them in an emergency. */
            emergencies: components["schemas"]["OpenChart"][];
            id: components["schemas"]["PersonId"];
            /**
             * Format: uint64
             * @description Seconds until they are signed out when they do nothing.
             */
            idle_s: number;
            /** @description What these roles allow. */
            may: string[];
            name: string;
            roles: components["schemas"]["Role"][];
        };
        /**
         * @description A person signs in: with a password, or with a PIN on a screen of the ward. 401 with `needs` when the six digits are
         *     needed as well.
         */
        SigningIn: {
            /** @description Six digits, with a password only. */
            code?: string | null;
            password?: string | null;
            /** @description Their account. */
            person: string;
            pin?: string | null;
        };
        /** @description A self-test is kept under the name of whoever is signed in. */
        SigningSelfTest: {
            /** @description Whether the tone of the box was heard at the bed. */
            heard?: boolean | null;
            /**
             * @description What there is to say.
             * @default
             */
            remark?: string;
            /**
             * Format: uint64
             * @description Which run.
             */
            run: number;
            /**
             * Format: uint16
             * @description How long the box went on without mains, in minutes.
             */
            ups_min?: number | null;
        };
        /** @description A value about the post itself. */
        SiteValue: {
            /**
             * Format: uint64
             * @description When it was heard.
             */
            at_ms: number;
            /** @description From which device. */
            device: components["schemas"]["DeviceId"];
            /** @description Why it is absent. */
            reason: components["schemas"]["AbsentReason"] | null;
            /** @description Which signal. */
            signal: string;
            /** @description Its unit. */
            unit: string;
            /** @description The number; none = absent. */
            value: components["schemas"]["Decimal"] | null;
        };
        /** @enum {string} */
        SnapshotType: "snapshot";
        /** @description Where alarms can be heard now. */
        SoundNow: {
            /** @description The box itself. */
            output: components["schemas"]["SoundOutput"];
            /**
             * Format: uint
             * @description Pages that said within the last seconds that their sound is on.
             */
            screens: number;
        };
        /** @description The box's own output. */
        SoundOutput: "none" | "on" | "failed";
        /** @description A specimen. */
        SpecimenShown: {
            /** @description Who took it. */
            by: string;
            /** @description As its label says. */
            specimen: string;
        };
        /** @description Who is signed in here. */
        Standing: {
            /** @description The post has its first account. */
            claimed: boolean;
            /** @description What people call it. */
            name: string;
            /** @description Who is signed in; null = nobody. */
            person: components["schemas"]["SignedIn"] | null;
            /** @description The post. */
            post: components["schemas"]["PostId"];
            /** @description The screen of the ward that this browser is; null = it is none. */
            screen: components["schemas"]["ThisScreen"] | null;
        };
        /** @description One step on the way of an alarm. */
        Step: {
            /**
             * Format: uint64
             * @description When the post knew of it; none when that was in an earlier boot, or is not known.
             */
            at_ms: number | null;
            /** @description Who did it; none where nobody did anything. */
            by: string | null;
            /** @description Whom the centre called; nobody named = every doctor. */
            called: string[] | null;
            /** @description Why it was rejected. */
            reason: components["schemas"]["RejectReason"] | null;
            /** @description To whom it was offered. */
            to: string | null;
            /**
             * Format: int64
             * @description Until when somebody answers for it, in ms since 1970 by the centre's clock.
             */
            until_wall_ms: number | null;
            /** @description What happened. */
            what: components["schemas"]["StepKind"];
            /** @description And in which words; may be empty. */
            words: string | null;
        };
        /** @description What happened to an alarm on its way. */
        StepKind: "created" | "queued" | "sent" | "at_centre" | "shown" | "read" | "accepted" | "rejected" | "offered" | "declined" | "called" | "expired";
        /** @description What was heard within one boot, on the clock. */
        Stretch: {
            boot: string;
            /**
             * Format: int64
             * @description When the first reading here was, in ms since 1970.
             */
            first_ms: number;
            /**
             * Format: int64
             * @description And the last.
             */
            last_ms: number;
            /** @description How far its wall time may be believed (I8). */
            trust: components["schemas"]["ClockTrust"];
        };
        /** @description A measured value. */
        SystemFigure: {
            /**
             * Format: double
             * @description In the unit that [`What`] says.
             */
            value: number;
            /** @description What it is. */
            what: components["schemas"]["SystemFigureOf"];
        };
        /** @description What a figure is, with its unit. */
        SystemFigureOf: "battery_percent" | "ups_min" | "mbit_per_s" | "round_ms" | "round_ms_max" | "rounds" | "lost" | "waiting" | "free_bytes" | "days_left" | "write_ms" | "write_ms_max" | "worn_percent" | "ahead_s" | "heard_ago_s" | "seen_per_s" | "every_s" | "faults_per_min";
        /**
         * @description What was found. Each names a sentence of the page.
         * @enum {string}
         */
        SystemFound: "power_mains" | "power_battery" | "power_battery_low" | "power_weak_now" | "power_weak_before" | "power_strong" | "power_ups" | "power_ups_short" | "power_untold" | "network_up" | "network_down" | "network_none" | "link_good" | "link_slow" | "link_lossy" | "link_uncounted" | "link_unreachable" | "link_connecting" | "link_none" | "alarm_way_good" | "alarm_way_slow" | "alarm_way_uncounted" | "queue_short" | "queue_long" | "disk_good" | "disk_failing" | "disk_read_only" | "disk_nearly_full" | "disk_fills_soon" | "disk_slow" | "disk_hangs" | "disk_worn" | "disk_untried" | "clock_agrees" | "clock_holdover" | "clock_ahead" | "clock_not_set" | "clock_uncompared" | "keeper_there" | "keeper_missing" | "keeper_stopped" | "software_runs" | "software_installing" | "software_installed" | "software_on_trial" | "software_left" | "software_refused" | "software_untold" | "output_heard" | "output_unheard" | "output_unasked" | "output_untried" | "output_failed" | "output_none" | "screen_on" | "screen_blocked" | "screen_away" | "screens_none" | "device_good" | "device_faulty" | "device_silent" | "device_closed" | "device_quiet" | "devices_none";
        /** @description How the box is now; nothing is tried for it. */
        SystemNow: {
            rows: components["schemas"]["SystemRow"][];
        };
        /** @description What a row is about, in the order of the result. */
        SystemPart: "power" | "network" | "link" | "alarm_way" | "queue" | "disk" | "clock" | "keeper" | "software" | "output" | "screen" | "device";
        /** @description One row of the result. */
        SystemRow: {
            /** @description What was measured. */
            figures: components["schemas"]["SystemFigure"][];
            /** @description What was found: names the sentence that says it, and what to do next. */
            found: components["schemas"]["SystemFound"];
            /** @description Which of several: the name of an interface, a screen or a device, the version of the software. */
            of: string | null;
            /** @description What was looked at. */
            part: components["schemas"]["SystemPart"];
            /** @description How it is. */
            state: components["schemas"]["SystemState"];
            /** @description What the system said, in its own words. */
            why: string | null;
        };
        /** @description How it is. */
        SystemState: "ok" | "not_measured" | "look" | "failed";
        /** @description Who took a handover over. */
        TakenOver: {
            /** @description Who. */
            by: string;
            /** @description The beds in which something had changed, as they were told. */
            changed: components["schemas"]["BedId"][];
            /**
             * Format: int64
             * @description When, by the wall clock; none when nobody knows.
             */
            wall_ms: number | null;
        };
        /** @description The ward is taken over. Where more has changed than the person was told it is refused, as it is for who handed over. */
        TakingOver: {
            /**
             * @description The beds of which the person was told that something has changed.
             * @default []
             */
            told?: components["schemas"]["BedId"][];
        };
        /** @description A specimen was taken: results that name it are of whoever lies there. */
        TakingSpecimen: {
            /**
             * @description It was registered for another patient by mistake.
             * @default false
             */
            moved?: boolean;
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
            /** @description The number on its label. */
            specimen: string;
        };
        /** @description The screen that a browser is. */
        ThisScreen: {
            id: components["schemas"]["ScreenId"];
            /** @description Where it hangs. */
            name: string;
        };
        /** @description One value over a stretch of time. */
        Trend: {
            /**
             * Format: uint64
             * @description Bucket n covers `from_ms + n * bucket_ms` up to the next one.
             */
            bucket_ms: number;
            /**
             * Format: int64
             * @description When the first bucket begins, in ms since 1970.
             */
            from_ms: number;
            /** @description One for each device and stay. */
            series: components["schemas"]["Series"][];
            /** @description How far the time of what was heard may be believed. */
            stretches: components["schemas"]["Stretch"][];
            /** @description What was heard in boots whose wall time nobody knows, the oldest first. */
            undated: components["schemas"]["Undated"][];
            /**
             * Format: uint
             * @description Older boots without wall time that may hold more.
             */
            undated_left_out: number;
            /**
             * Format: uint
             * @description Blocks on the card that could not be read and may be missing.
             */
            unreadable: number;
        };
        /** @description Of whom. */
        TrendOf: "bed" | "patient";
        /** @description The trial has begun. */
        TrialBegun: {
            /** Format: uint64 */
            number: number;
        };
        /** @description How a trial stands. */
        TrialShown: {
            /** @description What to check, by its name. */
            advice: string | null;
            /** @description Who has announced himself. */
            announced: components["schemas"]["AnnouncedShown"][];
            /** @description Questions are sent now. */
            asks: boolean;
            /**
             * Format: uint
             * @description Which try it is, from 1 on.
             */
            at: number;
            /** @description Why it could not go on. */
            error: string | null;
            /** @description Who was understood. */
            found: components["schemas"]["FoundShown"] | null;
            /** @description What each family makes of what comes. */
            heard: components["schemas"]["HeardShown"][];
            /**
             * Format: uint64
             * @description How long all of it takes at most, in seconds.
             */
            lasts_s: number;
            /**
             * Format: uint64
             * @description Which one it is.
             */
            number: number;
            /** @description `9600 8N1`, `tcp` or `udp`. */
            over: string;
            /** @description The port as it was named; empty = the LAN. */
            port: string;
            /** @description `trying`, `listening`, `hearing` (compare now), `heard`, `nothing` or `failed`. */
            state: string;
            /** @description The tries before. */
            tried: components["schemas"]["TriedShown"][];
            /**
             * Format: uint
             * @description How many there are.
             */
            tries: number;
        };
        /** @description A try that is over. */
        TriedShown: {
            /** @description Questions were sent. */
            asks: boolean;
            /**
             * Format: uint64
             * @description Bytes that came.
             */
            bytes: number;
            /** @description How the port was open. */
            over: string;
            /** @description Why the port did not open. */
            refused: string | null;
            /** @description The best of what its families made of them. */
            verdict: string;
        };
        /** @description A port is tried, or it is heard who announces himself; one at a time. It ends when nobody has looked for ten seconds. */
        Trying: {
            /** @description Whoever is thought to be there. */
            family?: string | null;
            port: string;
        } | {
            lan: boolean;
        };
        /** @description Laboratory results that are nobody's. */
        Unassigned: {
            /**
             * Format: uint
             * @description How many.
             */
            results: number;
            /**
             * Format: uint64
             * @description Changes with everything that `GET /api/v1/laboratory` answers.
             */
            revision: number;
        };
        /** @description What was heard within one boot whose wall time nobody knows. */
        Undated: {
            boot: string;
            /** Format: uint64 */
            bucket_ms: number;
            /**
             * Format: uint64
             * @description When the first bucket begins, in ms since that boot.
             */
            from_boot_ms: number;
            series: components["schemas"]["Series"][];
        };
        /** @description A code that nobody knows. */
        UnknownCode: {
            /**
             * Format: uint32
             * @description The device's own number.
             */
            code: number;
            /**
             * Format: uint64
             * @description How often it came.
             */
            count: number;
        };
        /** @description How a value is measured. */
        ValueKind: "continuous" | "intermittent";
        /** @description A value that is heard. */
        ValueShown: {
            /** @description What stands on the screen: `SpO2`. */
            label: string;
            /** @description Why there is none. */
            reason: string | null;
            /** @description Its unit. */
            unit: string;
            /** @description The number; none = there is a reason instead. */
            value: string | null;
        };
        /** @description The limits of one value, for whoever lies there. */
        WantedLimits: {
            code: components["schemas"]["Code"];
            /** @description An alarm above this; `null` = none. */
            high?: string | null;
            /** @description An alarm below this; `null` = none. */
            low?: string | null;
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
            /**
             * @description Those of the age group, in place of `low` and `high`.
             * @default false
             */
            usual?: boolean;
        };
        /**
         * @description What a page is told through the live connection: a snapshot, then changes, numbered without a gap. One that is missing:
         *     connect anew.
         */
        WardMessage: components["schemas"]["NumberedSnapshot"] | components["schemas"]["NumberedUpdate"];
        /** @description The snapshot alone. */
        WardNow: {
            /** @description Alarms that are not over, most urgent first. */
            alarms: components["schemas"]["Alarm"][];
            /** @description Beds in the order of the screen. */
            beds: components["schemas"]["Bed"][];
            /** @description Of the page: one that carries another is of an older build. */
            build: string;
            /** @description The way to the doctors. */
            centre: components["schemas"]["Centre"];
            /** @description How far to trust it. */
            clock_trust: components["schemas"]["ClockTrust"];
            /** @description The curves that come now. */
            curves: components["schemas"]["Lane"][];
            /** @description Laboratory results that are nobody's. */
            laboratory: components["schemas"]["Unassigned"];
            /** @description What the centre wrote and nobody has read, oldest first. */
            messages: components["schemas"]["Message"][];
            /**
             * Format: uint64
             * @description Monotonic now.
             */
            now_ms: number;
            /** @description The last outage of the way to the centre, for a while after it is over. */
            outage: components["schemas"]["Outage"] | null;
            /** @description The post. */
            post: components["schemas"]["Post"];
            /** @description What is wrong with the box. */
            problems: components["schemas"]["Problem"][];
            /**
             * Format: uint64
             * @description Always 0.
             */
            seq: number;
            /** @description What of the alarm signals rests, and where alarms flood. */
            signals: components["schemas"]["Signals"];
            /** @description Values about the post itself. */
            site: components["schemas"]["SiteValue"][];
            /** @description Who hears the alarms. */
            sound: components["schemas"]["SoundNow"];
            type: components["schemas"]["SnapshotType"];
            /**
             * Format: int64
             * @description Wall clock now.
             */
            wall_ms: number | null;
        };
        /** @description One way to join a device of a family. */
        Way: {
            cable: string;
            models: string;
            plug: string;
            /** Format: uint16 */
            port: number | null;
            steps: string[];
            transport: string;
        };
        /** @description How the way to the doctors stands. */
        WayState: "not_configured" | "connecting" | "up" | "unreachable";
        /** @description Who did it. */
        Who: {
            /** @description The account. */
            id: string | null;
            kind: components["schemas"]["WhoKind"];
            /** @description What people call them. */
            name: string | null;
        };
        WhoKind: "person" | "centre" | "system" | "post" | "nobody";
        /** @description A handover with what it says. */
        WholeHandover: {
            /** @description Who took it over. */
            accepted: components["schemas"]["TakenOver"] | null;
            /** @description What it says of each bed; none in a list. */
            beds: components["schemas"]["HandoverBed"][] | null;
            /** @description Who handed over. */
            by: string;
            /** @description Their account. */
            by_id: string;
            /** @description While it is open: what has changed since, by bed. */
            changed: {
                [key: string]: components["schemas"]["ChangedWhy"][];
            };
            /** @description Its name. */
            handover: components["schemas"]["EntryId"];
            /**
             * Format: uint8
             * @description How many hours back it looks.
             */
            hours: number;
            /**
             * Format: uint64
             * @description When that was in this boot; none when that was in an earlier one.
             */
            made_ms: number | null;
            /**
             * Format: int64
             * @description When it was put together, by the wall clock; none when nobody knows.
             */
            made_wall_ms: number | null;
            /** @description While it is open: the beds where somebody else lies now, or nobody. */
            moved: components["schemas"]["BedId"][];
            /** @description While it is open: the beds about whose patient something was written since. */
            noted: components["schemas"]["BedId"][];
            /**
             * Format: int64
             * @description When it was offered.
             */
            offered_wall_ms: number | null;
            /** @description It waits for somebody to take it over. */
            open: boolean;
            /** @description What concerns no bed alone, line by line; none in a list. */
            post: components["schemas"]["HandoverLine"][] | null;
        };
        /** @description A self-test that was signed, with what it found. */
        WholeTest: {
            /**
             * Format: int64
             * @description In ms since 1970.
             */
            began_ms: number;
            /** @description Who signed it. */
            by: string;
            counts: components["schemas"]["Counts"];
            /** Format: uint64 */
            id: number;
            remark: string;
            rows: components["schemas"]["SystemRow"][];
            /** @description Of what was signed, in hexadecimal digits: the audit has it too. */
            sha256: string;
            /** Format: int64 */
            signed_ms: number;
            /** @description How far that clock could be believed. */
            trust: components["schemas"]["ClockTrust"];
            /** @description It was not changed since it was signed. */
            whole: boolean;
        };
        /** @description A bed was not heard for long: who lies there now. Until then nothing else can be said of whoever lies there. */
        WhoLies: {
            lies: components["schemas"]["Lies"];
            /** @description The stay that the person saw: the one that began with the first word after the silence. */
            saw: components["schemas"]["AdmissionId"];
        };
        /** @description An entry was wrong, and counts no more. */
        Withdrawing: {
            /** @description Which. */
            entry: components["schemas"]["EntryId"];
            /** @description The stay that the person saw. */
            saw: components["schemas"]["AdmissionId"];
        };
        /** @description A note was wrong, and is crossed out. */
        WithdrawingNote: {
            note: components["schemas"]["EntryId"];
            /** @description The stay that the person saw. */
            saw: components["schemas"]["AdmissionId"];
        };
        /** @description A note about whoever lies there; the answer is its name. */
        WritingNote: {
            /** @description The stay that the person saw: when somebody else lies there meanwhile, it is refused. */
            saw: components["schemas"]["AdmissionId"];
            /** @description At most 500 characters. */
            text: string;
        };
    };
    responses: {
        /** @description Refused, and why: a sentence for people. */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Refusal"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "alarm_log.log": {
        parameters: {
            query: {
                bed?: components["schemas"]["BedId"] | null;
                /** @description From then on, in ms since 1970. */
                from: number;
                /** @description At most so many entries: 100 when nobody says, at most 1000; of a table 20000. */
                limit?: number | null;
                /** @description Minutes east of UTC in which the times of a table are written. */
                offset_min?: number;
                priority?: components["schemas"]["Priority"] | null;
                /** @description Words that stand in the entry, at most 80 characters. */
                text?: string | null;
                /** @description Before then, in ms since 1970; at most 31 days later. */
                to: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmLog"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "alarm_log.table": {
        parameters: {
            query: {
                bed?: components["schemas"]["BedId"] | null;
                /** @description From then on, in ms since 1970. */
                from: number;
                /** @description At most so many entries: 100 when nobody says, at most 1000; of a table 20000. */
                limit?: number | null;
                /** @description Minutes east of UTC in which the times of a table are written. */
                offset_min?: number;
                priority?: components["schemas"]["Priority"] | null;
                /** @description Words that stand in the entry, at most 80 characters. */
                text?: string | null;
                /** @description Before then, in ms since 1970; at most 31 days later. */
                to: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A table as a file; one that is not all says so in its name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "alarm_log.figures": {
        parameters: {
            query: {
                /** @description From then on, in ms since 1970. */
                from: number;
                /** @description Before then, in ms since 1970; at most 31 days later. */
                to: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figures"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "alarm_log.week": {
        parameters: {
            query: {
                /** @description Minutes east of UTC in which the week begins. */
                offset_min?: number;
                /** @description As ISO 8601 writes it: `2026-W48`. */
                week: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figures"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "alarms.acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "audit.audit": {
        parameters: {
            query?: {
                /** @description Which deed, by its key. */
                action?: string | null;
                /** @description From then on, in ms since 1970. */
                from?: number | null;
                /** @description At most so many entries: 100 when nobody says, at most 1000; of a table 20000. */
                limit?: number | null;
                /** @description On whom: a bed, a stay, or an alarm. */
                patient?: string | null;
                /** @description Whose: an account. */
                person?: string | null;
                /** @description Before then, in ms since 1970. */
                to?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Audit"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "audit.table": {
        parameters: {
            query?: {
                /** @description Which deed, by its key. */
                action?: string | null;
                /** @description From then on, in ms since 1970. */
                from?: number | null;
                /** @description At most so many entries: 100 when nobody says, at most 1000; of a table 20000. */
                limit?: number | null;
                /** @description On whom: a bed, a stay, or an alarm. */
                patient?: string | null;
                /** @description Whose: an account. */
                person?: string | null;
                /** @description Before then, in ms since 1970. */
                to?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A table as a file; one that is not all says so in its name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "scores.care": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Caring"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "moves.discharge": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Leaving"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "moves.earlier": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EarlierStays"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "patients.identify": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Identifying"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "signals.limits": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsNow"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "signals.set_limits": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WantedLimits"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "merge.merge": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Merging"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "nursing.write": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WritingNote"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryId"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "nursing.withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WithdrawingNote"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "scores.observe": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Finding"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entered"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "patients.patient": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientNow"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "signals.pause_bed": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Pausing"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "signals.rest_bed": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resting"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "signals.resume_bed": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "absence.answer": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WhoLies"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "patients.specimen": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakingSpecimen"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "scores.scale": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Scaling"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "moves.transfer": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Moving"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "scores.withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bed: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Withdrawing"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "session.begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Begin"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "session.begin_check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Check"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Beginning"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "session.claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Claim"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "devices.devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DevicesNow"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "devices.bind": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Placing"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "emergencies.emergencies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Emergencies"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "emergencies.review": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "emergencies.open": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Opening"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Opened"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.fitting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Fitting"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.look": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialShown"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Trying"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialBegun"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "handover.draw": {
        parameters: {
            query?: {
                /** @description How many hours back it looks, 1 to 24; 12 when nobody says. */
                hours?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HandoverDraft"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "handover.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Handovers"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "handover.offer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OfferingHandover"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HandoverOffered"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "handover.read": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeHandover"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "handover.accept": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakingOver"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "laboratory.laboratory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LaboratoryNow"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "laboratory.assign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Assigning"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "laboratory.set_aside": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingAside"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "lines.lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lines"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.add": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddingLine"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedLine"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.recorded": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                line: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the line heard, as the file of a capture. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.record": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                line: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecordingLine"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.end_record": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                line: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "fitting.remove": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                line: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "socket.live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A WebSocket from here on. Each text of the server is `x-told`, each text of the page `x-said`. */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Refused"];
        };
    };
    "messages.read": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "document.document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenApi"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "signals.pause_post": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Pausing"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "people.people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["People"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "people.add": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPerson"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BeginCode"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "people.disable": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "people.enable": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "people.reset": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BeginCode"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "people.set_roles": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Roles"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "signals.rest_post": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resting"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "signals.resume_post": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "screens.screens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Screens"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "screens.register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewScreen"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Screen"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "screens.forget": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "self_test.runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SelfTests"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "self_test.begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SelfTestBegun"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "self_test.kept": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeTest"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "self_test.sign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SigningSelfTest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeTest"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "session.session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "session.sign_in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SigningIn"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "session.sign_out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "self_test.system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemNow"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "trend.trend": {
        parameters: {
            query: {
                /** @description With `value`; not with `signal`. */
                bed?: components["schemas"]["BedId"] | null;
                /** @description From then on, in ms since 1970. */
                from_ms: number;
                /**
                 * @description Of whoever lies in the bed now, in whichever bed it was measured, with the stays that turned out to be the same
                 *     patient's; when nobody says, of whoever lay in that bed, series by series.
                 */
                of?: components["schemas"]["TrendOf"] | null;
                /** @description The most buckets wanted, 1 to 2000; 500 when nobody says. */
                points?: number | null;
                /** @description A value about the post, alone. */
                signal?: string | null;
                /** @description Before then, in ms since 1970; at most 31 days later. */
                to_ms: number;
                /** @description The key of a code, such as `spo2`. */
                value?: components["schemas"]["Code"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trend"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    "socket.ward": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WardNow"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
}
